namespace Agb;

/// <summary>Text for a shell of a session.</summary>
public static class ShellText
{
    /// <summary>Quotes a word, so that a shell takes it as it is.</summary>
    public static string Quote(string word)
    {
        ArgumentNullException.ThrowIfNull(word);
        return $"'{word.Replace("'", @"'\''", StringComparison.Ordinal)}'";
    }

    /// <summary>A command line that has its arguments as text, for services that carry a command line alone.</summary>
    public static string WithArguments(string command, IReadOnlyList<string> arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        // On the command's own first line, so that the numbers of lines in a shell's messages stay.
        return arguments.Count == 0 ? command : $"set -- {string.Join(' ', arguments.Select(Quote))}; {command}";
    }
}
