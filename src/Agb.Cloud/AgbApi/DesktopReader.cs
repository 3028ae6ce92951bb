namespace Agb.Cloud;

/// <summary>Reads answers of the tools of desktops.</summary>
internal static class DesktopReader
{
    /// <summary>The answer as JSON.</summary>
    internal static JsonElement Parse(ToolReply reply)
    {
        try
        {
            using var document = JsonDocument.Parse(reply.Text);
            return document.RootElement.Clone();
        }
        catch (JsonException e)
        {
            throw CloudErrors.Unreadable($"the tool's text is no JSON: {e.Message}", reply.RequestId, inner: e);
        }
    }

    /// <summary>The items of a list.</summary>
    internal static IEnumerable<JsonElement> Items(JsonElement list, string requestId) => list.ValueKind == JsonValueKind.Array
        ? list.EnumerateArray().Where(i => i.ValueKind == JsonValueKind.Object)
        : throw CloudErrors.Unreadable("the tool's text is no list", requestId);

    /// <summary>A window.</summary>
    internal static AgbWindow Window(JsonElement window, IAgbService owner, string sessionId, string requestId) => new()
    {
        Service = owner,
        SessionId = sessionId,
        WindowId = IdOf(window) ?? throw CloudErrors.Unreadable("a window has no number", requestId),
        Title = Text(window, "title"),
        X = Number(window, "absolute_upper_left_x", requestId),
        Y = Number(window, "absolute_upper_left_y", requestId),
        Width = Number(window, "width", requestId),
        Height = Number(window, "height", requestId),
        ProcessId = Optional(window, "pid") is { } pid ? (int)pid : 0,
        ProcessName = Text(window, "pname"),
        // Of an Agb server alone.
        State = Enum.TryParse<AgbWindowState>(Text(window, "state"), ignoreCase: true, out var state) ? state : AgbWindowState.Normal,
        IsActive = window.TryGetProperty("is_active", out var active) && active.ValueKind == JsonValueKind.True,
    };

    /// <summary>The number of a window; null for none.</summary>
    internal static long? IdOf(JsonElement window) => Optional(window, "window_id");

    /// <summary>A text, empty when it is missing.</summary>
    internal static string Text(JsonElement item, string name) =>
        item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? WireReader.ReadText(value) : "";

    /// <summary>A number.</summary>
    internal static int Number(JsonElement item, string name, string requestId) => Optional(item, name) is { } number and >= int.MinValue and <= int.MaxValue
        ? (int)number
        : throw CloudErrors.Unreadable($"'{name}' is missing, or no integer", requestId);

    /// <summary>Bytes in base64.</summary>
    internal static byte[] Bytes(JsonElement item, string name, string requestId) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.TryGetBytesFromBase64(out var bytes)
            ? bytes
            : throw CloudErrors.Unreadable($"'{name}' is missing, or no base64", requestId);

    private static long? Optional(JsonElement item, string name) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number)
            ? number
            : null;
}
