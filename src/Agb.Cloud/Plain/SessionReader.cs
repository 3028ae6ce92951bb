using System.Text.Json;
using Agb.Protocol;

namespace Agb.Cloud.Plain;

/// <summary>What createSession and getSession answer, as tolerantly read as the official clients do: names in camel or Pascal case, the
/// tool list as an array or a string that holds one.</summary>
internal sealed class SessionReader(JsonElement data)
{
    /// <summary>The id, or null.</summary>
    internal string? SessionId => Text("sessionId");

    /// <summary>The status, or null.</summary>
    internal string? Status => Text("status");

    /// <summary>Whether the creation is said to have failed.</summary>
    internal bool IsFailure => Member("success") is { ValueKind: JsonValueKind.False };

    /// <summary>Why the creation failed.</summary>
    internal string? Reason => Text("errMsg");

    /// <summary>How the tools are called. Addresses that are none are as good as none: every tool has the API route.</summary>
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
