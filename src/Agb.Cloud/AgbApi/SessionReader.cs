namespace Agb.Cloud;

/// <summary>Reads answers of createSession and getSession as tolerantly as the official clients: names in camel or Pascal case,
/// the tool list as an array or a string with one.</summary>
internal sealed class SessionReader(JsonElement data)
{
    /// <summary>The id, or null.</summary>
    internal string? SessionId => Text("sessionId");

    /// <summary>The status, or null.</summary>
    internal string? Status => Text("status");

    /// <summary>Whether the answer reports a failed creation.</summary>
    internal bool IsFailure => Member("success") is { ValueKind: JsonValueKind.False };

    /// <summary>The reason of a failed creation.</summary>
    internal string? Reason => Text("errMsg");

    /// <summary>The route to the tools. Invalid addresses count as missing: every tool has the API route.</summary>
    internal SessionRoute Route => new()
    {
        Link = Address("linkUrl", "http", "https"),
        Socket = Address("wsUrl", "ws", "wss"),
        Token = Text("token") is { Length: > 0 } token && token.All(c => c is > ' ' and <= '~') ? token : null,
        Servers = Member("toolList") is { } tools ? ToolListJson.ReadServers(tools) : new Dictionary<string, string>(),
    };

    private Uri? Address(string name, params ReadOnlySpan<string> schemes) =>
        Uri.TryCreate(Text(name), UriKind.Absolute, out var address) && schemes.Contains(address.Scheme) ? address : null;

    private string? Text(string name) => Member(name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    private JsonElement? Member(string name) =>
        data.ValueKind == JsonValueKind.Object
        && (data.TryGetProperty(name, out var value) || data.TryGetProperty(char.ToUpperInvariant(name[0]) + name[1..], out value))
            ? value
            : null;
}
