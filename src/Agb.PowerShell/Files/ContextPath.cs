namespace Agb.PowerShell;

/// <summary>Operations on paths of files in contexts.</summary>
internal static class ContextPath
{
    /// <summary>The path of a name in a directory.</summary>
    internal static string Join(string directory, string name) => directory == "/" ? "/" + name : $"{directory}/{name}";

    /// <summary>The directory of a normal path; the root is its own directory.</summary>
    internal static string Parent(string path) => path.LastIndexOf('/') is var end && end <= 0 ? "/" : path[..end];

    /// <summary>The last part of a normal path; empty for the root.</summary>
    internal static string Name(string path) => path[(path.LastIndexOf('/') + 1)..];

    /// <summary>The part of a path below a directory, without a leading slash.</summary>
    internal static string Below(string path, string directory) => path[(directory == "/" ? 1 : directory.Length + 1)..];

    /// <summary>A wildcard for one part of a path. It is case-sensitive, as Linux is, unless the options differ.</summary>
    /// <exception cref="AgbException">InvalidPath: the pattern is not valid.</exception>
    internal static WildcardPattern Pattern(string text, WildcardOptions options = WildcardOptions.None)
    {
        var pattern = new WildcardPattern(text, options);
        try
        {
            pattern.IsMatch("");
            return pattern;
        }
        catch (WildcardPatternException e)
        {
            throw new AgbException(
                AgbErrorIds.InvalidPath, AgbErrorKind.InvalidInput, $"The wildcard pattern '{text}' can't be read.",
                "Use -LiteralPath for a name that holds such characters, or escape them with a backtick.", text, e);
        }
    }
}
