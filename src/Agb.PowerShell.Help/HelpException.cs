namespace Agb.PowerShell.Help;

/// <summary>A fault of a help page: its place and the expectation.</summary>
/// <param name="file">The page.</param>
/// <param name="line">The line, from 1.</param>
/// <param name="fault">The fault.</param>
internal sealed class HelpException(string file, int line, string fault) : Exception($"{file}({line}): {fault}");
