namespace Agb.Conformance;

/// <summary>Shell commands for several tests.</summary>
internal static class Shell
{
    /// <summary>Lists the working directory: one line each, sorted by bytes.</summary>
    public const string Tree =
        """
        { find . -mindepth 1 -type d -printf '%P/\n'
          find . -mindepth 1 -type l -printf '%P->%l\n'
          find . -mindepth 1 -type f -printf '%P\n' | while IFS= read -r f; do printf '%s=%s\n' "$f" "$(cat -- "$f")"; done
        } | LC_ALL=C sort
        """;

    /// <summary>Quotes a word for the shell.</summary>
    public static string Quote(string word) => $"'{word.Replace("'", @"'\''")}'";
}
