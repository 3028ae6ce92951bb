using System.Text;

namespace Agb.Server;

/// <summary>Creates a directory and its parents.</summary>
internal sealed class CreateDirectoryTool : SessionTool
{
    internal override string Name => "create_directory";

    internal override string Description => "Creates a directory and its parents. An existing directory is not changed.";

    internal override string InputSchema =>
        """{"type":"object","properties":{"path":{"type":"string"}},"required":["path"]}""";

    private protected override async Task<ToolResult> RunAsync(ToolCall call, CancellationToken cancellationToken)
    {
        await SessionScript.TextAsync(call, "mkdir -p -- \"$P\"", cancellationToken, ("P", call.Path("path"))).ConfigureAwait(false);
        return new ToolResult("true");
    }
}

/// <summary>Lists a directory.</summary>
internal sealed class ListDirectoryTool : SessionTool
{
    internal override string Name => "list_directory";

    internal override string Description => "Lists a directory: one line per entry, [DIR] or [FILE] and the name.";

    internal override string InputSchema =>
        """{"type":"object","properties":{"path":{"type":"string"}},"required":["path"]}""";

    private protected override async Task<ToolResult> RunAsync(ToolCall call, CancellationToken cancellationToken)
    {
        var listing = await SessionScript.TextAsync(
            call,
            """
            [ -d "$P" ] || { [ -e "$P" ] && echo "$P is not a directory." >&2 || echo "$P: no such directory." >&2; exit 1; }
            cd -- "$P" && find . -mindepth 1 -maxdepth 1 -printf '%Y%f\0'
            """,
            cancellationToken, ("P", call.Path("path"))).ConfigureAwait(false);
        var lines = listing.Split('\0', StringSplitOptions.RemoveEmptyEntries)
            .OrderBy(e => e[1..], StringComparer.Ordinal)
            .Select(e => $"{(e[0] == 'd' ? "[DIR]" : "[FILE]")} {e[1..]}");
        return new ToolResult(string.Join('\n', lines));
    }
}

/// <summary>Finds files by name.</summary>
internal sealed class SearchFilesTool : SessionTool
{
    internal override string Name => "search_files";

    internal override string Description =>
        "Finds files and directories below a directory by a name pattern, such as *.txt. A pattern with a slash matches paths.";

    internal override string InputSchema =>
        """
        {"type":"object","properties":{"path":{"type":"string"},"pattern":{"type":"string"},
        "excludePatterns":{"type":"array","items":{"type":"string"}}},"required":["path","pattern"]}
        """;

    private protected override async Task<ToolResult> RunAsync(ToolCall call, CancellationToken cancellationToken)
    {
        var path = call.Path("path");
        var script = new StringBuilder("[ -d \"$P\" ] || { echo \"$P: no such directory.\" >&2; exit 1; }\nfind \"$P\" -mindepth 1");
        var variables = new List<(string, string)> { ("P", path), ("PATTERN", Pattern(call.Text("pattern"), path, out var test)) };
        foreach (var exclude in call.OptionalTexts("excludePatterns") ?? [])
        {
            var name = $"EXCLUDE{variables.Count}";
            variables.Add((name, Pattern(exclude, path, out var excludeTest)));
            script.Append($" {excludeTest} \"${name}\" -prune -o");
        }
        // An unreadable directory does not discard the results from elsewhere.
        script.Append($" {test} \"$PATTERN\" -print0 2>/dev/null || true");
        var found = await SessionScript.TextAsync(call, script.ToString(), cancellationToken, [.. variables]).ConfigureAwait(false);
        var paths = found.Split('\0', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal).ToArray();
        return new ToolResult(paths.Length == 0 ? "No matches found" : string.Join('\n', paths));
    }

    private static string Pattern(string pattern, string path, out string test)
    {
        if (pattern.Length == 0 || pattern.Contains('\0'))
        {
            throw new ToolArgumentException("A pattern is empty or holds a NUL character.");
        }
        var relative = pattern.StartsWith("**/", StringComparison.Ordinal) ? pattern[3..] : pattern;
        test = relative.Contains('/') ? "-path" : "-name";
        return test == "-name" ? relative
            : relative.StartsWith('/') ? relative
            : relative == pattern ? $"{Literal(path.TrimEnd('/'))}/{relative}"
            : $"*/{relative}";
    }

    // find(1) reads a directory's name in -path as a pattern too.
    private static string Literal(string path) => string.Concat(path.Select(c => c is '*' or '?' or '[' or '\\' ? $"\\{c}" : $"{c}"));
}
