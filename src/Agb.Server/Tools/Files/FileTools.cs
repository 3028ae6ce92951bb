using System.Text;

namespace Agb.Server;

/// <summary>Reports the metadata of a path.</summary>
internal sealed class FileInfoTool : SessionTool
{
    internal override string Name => "get_file_info";

    internal override string Description => "Reports the metadata of a path: one line each for name, path, size, isDirectory, modTime, mode, owner and group.";

    internal override string InputSchema =>
        """{"type":"object","properties":{"path":{"type":"string"}},"required":["path"]}""";

    private protected override async Task<ToolResult> RunAsync(ToolCall call, CancellationToken cancellationToken)
    {
        var path = call.Path("path");
        var text = await SessionScript.TextAsync(
            call,
            // Follows links; a dangling link is reported itself.
            """
            { [ -e "$P" ] || [ -L "$P" ]; } || { echo "$P: no such file or directory." >&2; exit 1; }
            [ -e "$P" ] && follow=-L || follow=
            stat $follow --printf '%s\0%F\0%Y\0%a\0%U\0%G' -- "$P"
            """,
            cancellationToken, ("P", path)).ConfigureAwait(false);
        if (text.Split('\0') is not [var size, var type, var time, var mode, var owner, var group] || SessionTime.Read(time) is not { } modified)
        {
            throw new ToolFailedException($"'{path}' can't be read: {text}");
        }
        return new ToolResult(string.Create(
            CultureInfo.InvariantCulture,
            $"""
            name: {path.TrimEnd('/').Split('/')[^1]}
            path: {path}
            size: {size}
            isDirectory: {(type == "directory" ? "true" : "false")}
            modTime: {modified:yyyy-MM-dd'T'HH:mm:ss'Z'}
            mode: {mode.PadLeft(4, '0')}
            owner: {owner}
            group: {group}
            """));
    }
}

/// <summary>Reads a file, or a part of it.</summary>
internal sealed class ReadFileTool : SessionTool
{
    internal override string Name => "read_file";

    internal override string Description =>
        "Reads a file, or a part of it. Adjacent parts of a text join without a gap: a character at the edge belongs to the part with its first byte.";

    internal override string InputSchema =>
        """
        {"type":"object","properties":{"path":{"type":"string"},
        "offset":{"type":"integer","minimum":0,"default":0,"description":"Where to begin, in bytes"},
        "length":{"type":"integer","minimum":0,"default":0,"description":"Number of bytes; 0 for all to the end"},
        "format":{"type":"string","enum":["text","binary"],"default":"text","description":"binary answers in base64"}},
        "required":["path"]}
        """;

    private protected override async Task<ToolResult> RunAsync(ToolCall call, CancellationToken cancellationToken)
    {
        var offset = call.OptionalInteger("offset", 0, long.MaxValue / 2) ?? 0;
        var length = call.OptionalInteger("length", 0, long.MaxValue / 2) ?? 0;
        var isBinary = call.OptionalText("format") switch
        {
            "binary" => true,
            null or "" or "text" => false,
            var other => throw new ToolArgumentException($"The argument 'format' is '{other}'; expected text or binary."),
        };
        // The last character of the part may end behind it.
        var wanted = length == 0 || isBinary ? length : length + TextSlice.LongestTail;
        var bytes = await ToolFiles.ReadAsync(call, call.Path("path"), offset, wanted, cancellationToken).ConfigureAwait(false);
        return new ToolResult(isBinary ? Convert.ToBase64String(bytes) : Encoding.UTF8.GetString(TextSlice.Cut(bytes, offset, length)));
    }
}

/// <summary>Reads several files.</summary>
internal sealed class ReadFilesTool : SessionTool
{
    internal override string Name => "read_multiple_files";

    internal override string Description => "Reads several files: each as path, colon and content, with a line of three dashes between files.";

    internal override string InputSchema =>
        """{"type":"object","properties":{"paths":{"type":"array","items":{"type":"string"}}},"required":["paths"]}""";

    private protected override async Task<ToolResult> RunAsync(ToolCall call, CancellationToken cancellationToken)
    {
        var answers = new List<string>();
        var total = 0L;
        foreach (var path in call.Paths("paths"))
        {
            var bytes = await ToolFiles.ReadAsync(call, path, 0, 0, cancellationToken).ConfigureAwait(false);
            total += bytes.Length;
            if (total > SessionScript.MaxAnswerBytes)
            {
                throw SessionScript.TooMuch();
            }
            answers.Add($"{path}: {Encoding.UTF8.GetString(bytes)}\n");
        }
        return new ToolResult(string.Join("\n---\n", answers));
    }
}

/// <summary>Writes a file.</summary>
internal sealed class WriteFileTool : SessionTool
{
    internal override string Name => "write_file";

    internal override string Description => "Writes text to a file: overwrite, append, or create a new file only.";

    internal override string InputSchema =>
        """
        {"type":"object","properties":{"path":{"type":"string"},"content":{"type":"string"},
        "mode":{"type":"string","enum":["overwrite","append","create_new"],"default":"overwrite"}},"required":["path","content"]}
        """;

    private protected override async Task<ToolResult> RunAsync(ToolCall call, CancellationToken cancellationToken)
    {
        var path = call.Path("path");
        var content = call.Text("content");
        switch (call.OptionalText("mode"))
        {
            case null or "" or "overwrite":
                await ToolFiles.WriteAsync(call, path, "cat > \"$P\"", WireText.Bytes(content), cancellationToken).ConfigureAwait(false);
                break;
            case "append":
                await AppendAsync(call, path, content, cancellationToken).ConfigureAwait(false);
                break;
            case "create_new":
                await ToolFiles.WriteAsync(
                    call, path, "[ -e \"$P\" ] && { echo \"$P exists already.\" >&2; exit 1; }; set -C; cat > \"$P\"", WireText.Bytes(content),
                    cancellationToken).ConfigureAwait(false);
                break;
            case var mode:
                throw new ToolArgumentException($"The argument 'mode' is '{mode}'; expected overwrite, append or create_new.");
        }
        return new ToolResult("true");
    }

    private static async Task AppendAsync(ToolCall call, string path, string content, CancellationToken cancellationToken)
    {
        if (WireText.StartsWithHalf(content))
        {
            var end = await SessionScript.RunAsync(call, "[ ! -e \"$P\" ] || tail -c 3 -- \"$P\"", cancellationToken, null, ("P", path))
                .ConfigureAwait(false);
            if (WireText.Join(end, content) is { } joined)
            {
                await ToolFiles.WriteAsync(call, path, "truncate -s -3 -- \"$P\" && cat >> \"$P\"", joined, cancellationToken)
                    .ConfigureAwait(false);
                return;
            }
        }
        await ToolFiles.WriteAsync(call, path, "cat >> \"$P\"", WireText.Bytes(content), cancellationToken).ConfigureAwait(false);
    }
}

/// <summary>Moves a file or directory.</summary>
internal sealed class MoveFileTool : SessionTool
{
    internal override string Name => "move_file";

    internal override string Description => "Moves or renames a file or directory. The destination must not exist.";

    internal override string InputSchema =>
        """
        {"type":"object","properties":{"source":{"type":"string"},"destination":{"type":"string"}},"required":["source","destination"]}
        """;

    private protected override async Task<ToolResult> RunAsync(ToolCall call, CancellationToken cancellationToken)
    {
        await SessionScript.TextAsync(
            call,
            """
            { [ -e "$D" ] || [ -L "$D" ]; } && { echo "$D exists already." >&2; exit 1; }
            mv -T -n -- "$S" "$D"
            """,
            cancellationToken, ("S", call.Path("source")), ("D", call.Path("destination"))).ConfigureAwait(false);
        return new ToolResult("true");
    }
}

/// <summary>Deletes a file.</summary>
internal sealed class DeleteFileTool : SessionTool
{
    internal override string Name => "delete_file";

    internal override string Description => "Deletes a file. Directories are refused.";

    internal override string InputSchema =>
        """{"type":"object","properties":{"path":{"type":"string"}},"required":["path"]}""";

    private protected override async Task<ToolResult> RunAsync(ToolCall call, CancellationToken cancellationToken)
    {
        await SessionScript.TextAsync(
            call,
            """
            [ -d "$P" ] && [ ! -L "$P" ] && { echo "$P is a directory." >&2; exit 1; }
            rm -- "$P" </dev/null
            """,
            cancellationToken, ("P", call.Path("path"))).ConfigureAwait(false);
        return new ToolResult("true");
    }
}
