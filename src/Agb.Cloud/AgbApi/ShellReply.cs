namespace Agb.Cloud;

/// <summary>The answer of the tool <c>shell</c>.</summary>
/// <param name="ExitCode">The exit code, the only sign of success.</param>
/// <param name="Stdout">Standard output.</param>
/// <param name="Stderr">Standard error.</param>
internal sealed record ShellReply(int ExitCode, string Stdout, string Stderr)
{
    /// <summary>Reads an answer: JSON, or the output alone.</summary>
    /// <returns>The answer, or null for a failed tool without a command's result.</returns>
    internal static ShellReply? Read(ToolReply reply)
    {
        try
        {
            using var document = JsonDocument.Parse(reply.Text.Length == 0 ? "\"\"" : reply.Text);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                return OfObject(document.RootElement, reply.IsError);
            }
        }
        catch (JsonException)
        {
            // Text other than JSON is output too.
        }
        return reply.IsError ? null : new ShellReply(0, reply.Text, "");
    }

    private static ShellReply? OfObject(JsonElement answer, bool isError)
    {
        var code = Number(answer, "exit_code") ?? Number(answer, "errorCode");
        var (stdout, stderr) = (Text(answer, "stdout"), Text(answer, "stderr"));
        if (isError && code is null && stdout is null && stderr is null)
        {
            return null;
        }
        return new ShellReply(code ?? (isError ? 1 : 0), stdout ?? "", stderr ?? "");
    }

    private static int? Number(JsonElement answer, string name) =>
        answer.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number : null;

    private static string? Text(JsonElement answer, string name) =>
        answer.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? WireReader.ReadText(value) : null;
}

/// <summary>Makes lines of complete output.</summary>
internal static class OutputLines
{
    internal static IEnumerable<AgbCommandOutput> Split(
        string sessionId, AgbOutputStream stream, string text, IAgbService owner, DateTimeOffset time)
    {
        var number = 0L;
        foreach (var line in LinesOf(text))
        {
            number++;
            var start = 0;
            do
            {
                var end = Math.Min(line.Length, start + AgbCommandOutput.MaxTextLength);
                // Never cut a surrogate pair.
                end = end < line.Length && char.IsHighSurrogate(line[end - 1]) ? end - 1 : end;
                yield return new AgbCommandOutput
                {
                    Service = owner,
                    SessionId = sessionId,
                    Stream = stream,
                    Number = number,
                    Text = line[start..end],
                    IsPartial = end < line.Length,
                    Time = time,
                };
                start = end;
            }
            while (start < line.Length);
        }
    }

    private static IEnumerable<string> LinesOf(string text)
    {
        var start = 0;
        while (start < text.Length)
        {
            var end = text.IndexOf('\n', start);
            var line = end < 0 ? text[start..] : text[start..end];
            yield return end > 0 && line.EndsWith('\r') ? line[..^1] : line;
            start = end < 0 ? text.Length : end + 1;
        }
    }
}
