using System.Text;
using System.Text.Json;

namespace Agb.Server;

/// <summary>Replaces texts in a file: every occurrence of each. Changes nothing if a text is missing.</summary>
internal sealed class EditFileTool : SessionTool
{
    // An edit needs the file in memory several times.
    private const int MaxFileBytes = 16 * 1024 * 1024;

    internal override string Name => "edit_file";

    internal override string Description =>
        "Replaces texts in a file, every occurrence of each, in the given order. If a text is missing, the file is not changed.";

    internal override string InputSchema =>
        """
        {"type":"object","properties":{"path":{"type":"string"},
        "edits":{"type":"array","items":{"type":"object","properties":{"oldText":{"type":"string"},"newText":{"type":"string"}},"required":["oldText","newText"]}},
        "dryRun":{"type":"boolean","default":false,"description":"Only report the replacements"}},
        "required":["path","edits"]}
        """;

    private protected override async Task<ToolResult> RunAsync(ToolCall call, CancellationToken cancellationToken)
    {
        var path = call.Path("path");
        var edits = Edits(call);
        var bytes = await ToolFiles.ReadAsync(call, path, 0, MaxFileBytes + 1, cancellationToken).ConfigureAwait(false);
        if (bytes.Length > MaxFileBytes)
        {
            throw new ToolFailedException($"{path} has more than {MaxFileBytes / (1024 * 1024)} MiB, the limit for edits.");
        }
        // Latin-1 keeps invalid UTF-8 byte for byte, so an edit never damages other parts.
        var text = Encoding.Latin1.GetString(bytes);
        var report = new StringBuilder();
        foreach (var (oldText, newText) in edits)
        {
            var wanted = Latin1(oldText);
            var count = Count(text, wanted);
            if (count == 0)
            {
                throw new ToolFailedException($"{path} does not contain the text '{Shown(oldText)}'. The file is not changed.");
            }
            var replacement = Latin1(newText);
            if (text.Length + ((long)count * (replacement.Length - wanted.Length)) > MaxFileBytes)
            {
                throw new ToolFailedException(
                    $"{path} would have more than {MaxFileBytes / (1024 * 1024)} MiB with '{Shown(newText)}' for each '{Shown(oldText)}'. The file is not changed.");
            }
            text = text.Replace(wanted, replacement, StringComparison.Ordinal);
            report.Append($"{count} x '{Shown(oldText)}' -> '{Shown(newText)}'\n");
        }
        if (!call.Flag("dryRun"))
        {
            await ToolFiles.WriteAsync(call, path, "cat > \"$P\"", Encoding.Latin1.GetBytes(text), cancellationToken).ConfigureAwait(false);
        }
        return new ToolResult(report.ToString().TrimEnd('\n'));
    }

    private static List<(string Old, string New)> Edits(ToolCall call)
    {
        if (call.Find("edits") is not { } value)
        {
            throw new ToolArgumentException("The argument 'edits' is missing; expected an array of objects with oldText and newText.");
        }
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() == 0)
        {
            throw ToolArguments.Wrong("edits", "an array of objects with oldText and newText", value);
        }
        var edits = new List<(string, string)>();
        foreach (var edit in value.EnumerateArray())
        {
            var inner = call with { Arguments = edit };
            var oldText = inner.Text("oldText");
            edits.Add(oldText.Length > 0
                ? (oldText, inner.Text("newText"))
                : throw new ToolArgumentException("An edit's oldText is empty."));
        }
        return edits;
    }

    private static string Latin1(string text) => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));

    private static int Count(string text, string wanted)
    {
        var count = 0;
        for (var at = 0; (at = text.IndexOf(wanted, at, StringComparison.Ordinal)) >= 0; at += wanted.Length)
        {
            count++;
        }
        return count;
    }

    private static string Shown(string text) => text.Length > 60 ? text[..60] + "..." : text;
}
