namespace Agb.Cloud;

/// <summary>A <c>.env</c> file: lines of <c>NAME=VALUE</c>, with or without <c>export</c>; <c>#</c> begins a comment.</summary>
/// <remarks>A value may be in single quotes, without escapes, or in double quotes, with backslash escapes. Other lines are
/// skipped: the file is shared with other programs.</remarks>
internal static class DotEnvFile
{
    internal const string Name = ".env";

    private const int MaxBytes = 1024 * 1024;

    /// <summary>Reads the file of a directory, if there is one.</summary>
    /// <exception cref="AgbException">InvalidSetting: unreadable.</exception>
    internal static IReadOnlyDictionary<string, string> Read(string directory)
    {
        var path = Path.Combine(directory, Name);
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists)
            {
                return new Dictionary<string, string>();
            }
            return file.Length <= MaxBytes
                ? Parse(File.ReadAllText(path))
                : throw CloudErrors.InvalidSetting($"file '{path}'", $"has {file.Length} bytes", $"at most {MaxBytes}", path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CloudErrors.InvalidSetting($"file '{path}'", $"can't be read: {e.Message}", "a readable file", path, e);
        }
    }

    internal static IReadOnlyDictionary<string, string> Parse(string text)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in text.Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0 && l[0] != '#'))
        {
            var assignment = line.StartsWith("export ", StringComparison.Ordinal) ? line["export ".Length..] : line;
            var equals = assignment.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0)
            {
                values[assignment[..equals].Trim()] = Value(assignment[(equals + 1)..].Trim());
            }
        }
        return values;
    }

    private static string Value(string text) => text switch
    {
        ['\'', ..] when text.IndexOf('\'', 1) is > 0 and var end => text[1..end],
        ['"', ..] => Unescape(text),
        ['#', ..] => "",
        _ when text.IndexOf(" #", StringComparison.Ordinal) is >= 0 and var comment => text[..comment].TrimEnd(),
        _ => text,
    };

    private static string Unescape(string quoted)
    {
        var value = new StringBuilder();
        for (var i = 1; i < quoted.Length && quoted[i] != '"'; i++)
        {
            if (quoted[i] == '\\' && i + 1 < quoted.Length)
            {
                i++;
                value.Append(quoted[i] switch { 'n' => '\n', 't' => '\t', 'r' => '\r', var other => other });
            }
            else
            {
                value.Append(quoted[i]);
            }
        }
        return value.ToString();
    }
}
