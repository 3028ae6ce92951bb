namespace Agb.PowerShell.Help;

/// <summary>A fault of a help page: where it is and what was expected.</summary>
/// <param name="file">The page.</param>
/// <param name="line">The line, from 1.</param>
/// <param name="fault">What is wrong.</param>
internal sealed class HelpException(string file, int line, string fault) : Exception($"{file}({line}): {fault}");
