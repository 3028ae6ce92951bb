namespace Agb;

/// <summary>Text for a shell of a session.</summary>
public static class ShellText
{
    /// <summary>Quotes a word against interpretation by a shell.</summary>
    public static string Quote(string word)
    {
        ArgumentNullException.ThrowIfNull(word);
        return $"'{word.Replace("'", @"'\''", StringComparison.Ordinal)}'";
    }

    /// <summary>A command line with its arguments as text, for services without separate arguments.</summary>
    public static string WithArguments(string command, IReadOnlyList<string> arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        // On the command's first line, so that line numbers in a shell's messages stay right.
        return arguments.Count == 0 ? command : $"set -- {string.Join(' ', arguments.Select(Quote))}; {command}";
    }
}
