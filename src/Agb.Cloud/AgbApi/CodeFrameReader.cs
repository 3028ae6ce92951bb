namespace Agb.Cloud;

/// <summary>The content of a frame from the WebSocket.</summary>
internal sealed record ReadFrame
{
    public required string InvocationId { get; init; }

    public string? Phase { get; init; }

    public string? EventType { get; init; }

    public string? Chunk { get; init; }

    public AgbCodeOutput? Result { get; init; }

    /// <summary>The error of an event or of a fatal end.</summary>
    public string? EventError { get; init; }

    /// <summary>An error with a fatal effect in any phase.</summary>
    public string? FatalError { get; init; }

    public string? Status { get; init; }

    public string? ExecutionError { get; init; }

    public int ExecutionCount { get; init; }

    public TimeSpan Duration { get; init; }
}

/// <summary>Reads frames as tolerantly as the official clients do.</summary>
internal static class CodeFrameReader
{
    /// <summary>Reads a frame.</summary>
    /// <returns>The frame, or null for other messages, such as an answer to a ping.</returns>
    internal static ReadFrame? Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || (Text(root, "invocationId") ?? Text(root, "requestId")) is not { Length: > 0 } id)
            {
                return null;
            }
            return root.TryGetProperty("data", out var data) && Object(data) is { } content
                ? OfData(id, content)
                : new ReadFrame { InvocationId = id, FatalError = "its frame has no data" };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static ReadFrame OfData(string id, JsonElement data)
    {
        var error = data.TryGetProperty("error", out var given) ? given : default;
        return new ReadFrame
        {
            InvocationId = id,
            Phase = Text(data, "phase"),
            EventType = Text(data, "eventType"),
            Chunk = Text(data, "chunk"),
            Result = data.TryGetProperty("result", out var result) && result.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined) ? Output(result) : null,
            EventError = error.ValueKind == JsonValueKind.Object ? ErrorText(error) : null,
            FatalError = error.ValueKind == JsonValueKind.String && error.GetString() is { Length: > 0 } fatal ? fatal : null,
            Status = Text(data, "status"),
            ExecutionError = Text(data, "executionError"),
            ExecutionCount = Number(data, "executionCount") is { } count and > int.MinValue and < int.MaxValue ? (int)count : 0,
            // A double may exceed the range of a TimeSpan.
            Duration = Number(data, "executionTime") is { } seconds and >= 0 and < 1e9 ? TimeSpan.FromSeconds(seconds) : TimeSpan.Zero,
        };
    }

    private static AgbCodeOutput Output(JsonElement result)
    {
        if (result.ValueKind != JsonValueKind.Object || !result.TryGetProperty("mime", out var mime) || mime.ValueKind != JsonValueKind.Object)
        {
            return CodeReplyReader.Output(result);
        }
        var isMain = result.TryGetProperty("isMainResult", out var main) && main.ValueKind == JsonValueKind.True;
        return CodeReplyReader.Output(mime) with { IsMainResult = isMain };
    }

    private static string ErrorText(JsonElement error)
    {
        var said = Text(error, "message") ?? error.GetRawText();
        return Text(error, "code") is { Length: > 0 } code && !said.Contains(code, StringComparison.Ordinal) ? $"{code}: {said}" : said;
    }

    private static JsonElement? Object(JsonElement data)
    {
        if (data.ValueKind != JsonValueKind.String)
        {
            return data.ValueKind == JsonValueKind.Object ? data : null;
        }
        using var document = JsonDocument.Parse(data.GetString()!);
        return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : null;
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? WireReader.ReadText(value) : null;

    private static double? Number(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) ? number : null;
}
