namespace Agb.Cloud;

/// <summary>Reads answers of the tool <c>run_code</c>, in all forms known to the official clients.</summary>
internal static class CodeReplyReader
{
    private const int MostNested = 3;

    /// <summary>Reads an answer.</summary>
    /// <exception cref="AgbServiceException">The tool failed before it ran the code, or sent an empty answer.</exception>
    internal static AgbCodeResult Read(ToolReply reply, string sessionId, AgbCodeLanguage language, IAgbService owner)
    {
        if (reply.Text.Length == 0)
        {
            throw AgbApiService.ToolFailed(CodeToolArguments.ToolName, reply with { Text = "it answered with nothing" });
        }
        var result = ReadText(reply.Text, MostNested) with { Service = owner, SessionId = sessionId, Language = language };
        return reply.IsError && result.Error is null ? result with { Error = result.Stderr.Length > 0 ? result.Stderr : reply.Text } : result;
    }

    /// <summary>A value shown by code: an object of forms by MIME type, that object as JSON in a string, or a text.</summary>
    internal static AgbCodeOutput Output(JsonElement item)
    {
        var value = item;
        for (var depth = 0; depth < 2 && value.ValueKind == JsonValueKind.String; depth++)
        {
            if (TryParse(WireReader.Whole(WireReader.ReadText(value))) is not { ValueKind: JsonValueKind.Object or JsonValueKind.String } inner)
            {
                break;
            }
            value = inner;
        }
        return value.ValueKind == JsonValueKind.Object
            ? CodeToolResult.Output(value.EnumerateObject().DistinctBy(m => m.Name).ToDictionary(m => m.Name, m => m.Value))
            : Text(value.ValueKind == JsonValueKind.String ? WireReader.ReadText(value) : value.GetRawText(), isMain: false);
    }

    private static AgbCodeResult ReadText(string text, int nested)
    {
        if (TryParse(text) is not { ValueKind: JsonValueKind.Object } json)
        {
            return Plain(text);
        }
        var result = json.TryGetProperty("result", out var shown) && shown.ValueKind == JsonValueKind.Array ? OfResults(json, shown)
            : json.TryGetProperty("logs", out _) || json.TryGetProperty("results", out _) ? OfLogs(json)
            : json.TryGetProperty("content", out var content) && nested > 0 ? ReadText(FirstText(content), nested - 1)
            : json.TryGetProperty("executionError", out _) ? OfResults(json, default)
            : Plain(text);
        return json.TryGetProperty("isError", out var isError) && isError.ValueKind == JsonValueKind.True && result.Error is null
            ? result with { Error = json.TryGetProperty("content", out var why) ? FirstText(why) : result.Output }
            : result;
    }

    private static AgbCodeResult OfResults(JsonElement json, JsonElement shown) => Make() with
    {
        Results = shown.ValueKind == JsonValueKind.Array ? [.. shown.EnumerateArray().Select(Output)] : [],
        Stdout = Joined(json, "stdout"),
        Stderr = Joined(json, "stderr"),
        Error = String(json, "executionError") is { Length: > 0 } error ? error : null,
        ExecutionCount = Count(json),
        Duration = Duration(json),
    };

    private static AgbCodeResult OfLogs(JsonElement json)
    {
        var logs = json.TryGetProperty("logs", out var given) && given.ValueKind == JsonValueKind.Object ? given : default;
        return Make() with
        {
            Results = json.TryGetProperty("results", out var results) && results.ValueKind == JsonValueKind.Array ? [.. results.EnumerateArray().Select(Output)] : [],
            Stdout = Joined(logs, "stdout"),
            Stderr = Joined(logs, "stderr"),
            Error = json.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object ? ErrorText(error) : null,
            ExecutionCount = Count(json),
            Duration = Duration(json),
        };
    }

    private static AgbCodeResult Plain(string text) => Make() with { Results = [Text(text, isMain: true)] };

    private static AgbCodeResult Make() => new() { SessionId = "" };

    private static AgbCodeOutput Text(string text, bool isMain) =>
        new() { IsMainResult = isMain, Mime = new Dictionary<string, string> { ["text/plain"] = text } };

    private static string ErrorText(JsonElement error)
    {
        var said = string.Join(": ", new[] { String(error, "name"), String(error, "value") }.Where(t => t is { Length: > 0 }));
        return String(error, "traceback") is { Length: > 0 } traceback ? traceback : said.Length > 0 ? said : error.GetRawText();
    }

    private static string FirstText(JsonElement content) =>
        content.ValueKind == JsonValueKind.Array && content.GetArrayLength() > 0 && content[0].ValueKind == JsonValueKind.Object
            ? String(content[0], "text") ?? ""
            : "";

    private static string Joined(JsonElement json, string name) =>
        json.ValueKind != JsonValueKind.Object || !json.TryGetProperty(name, out var value) ? ""
        : value.ValueKind == JsonValueKind.String ? WireReader.ReadText(value)
        : value.ValueKind == JsonValueKind.Array ? string.Concat(value.EnumerateArray().Where(i => i.ValueKind == JsonValueKind.String).Select(WireReader.ReadText))
        : "";

    private static string? String(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? WireReader.ReadText(value) : null;

    private static int Count(JsonElement json) =>
        json.TryGetProperty("execution_count", out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var count) ? count : 0;

    // A double may exceed the range of a TimeSpan.
    private static TimeSpan Duration(JsonElement json) =>
        json.TryGetProperty("execution_time", out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var seconds) && seconds is >= 0 and < 1e9
            ? TimeSpan.FromSeconds(seconds)
            : TimeSpan.Zero;

    private static JsonElement? TryParse(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
