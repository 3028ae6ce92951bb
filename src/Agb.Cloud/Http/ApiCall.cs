namespace Agb.Cloud;

/// <summary>The repeatability of a call.</summary>
internal enum Repeat
{
    /// <summary>Never: the body can't be sent twice.</summary>
    Never,

    /// <summary>Only after the service rejected the call because of too many requests.</summary>
    WhenTurnedAway,

    /// <summary>Also after an unknown outcome: the call is idempotent.</summary>
    Always,
}

/// <summary>One call of a service.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">The path below the endpoint.</param>
/// <param name="Repeat">The repeatability.</param>
internal sealed record ApiCall(HttpMethod Method, string Path, Repeat Repeat)
{
    /// <summary>The body: JSON, or empty.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Another body, written during the sending; such a call is never repeated. Every piece restarts its time
    /// limit.</summary>
    public UploadContent? Content { get; init; }

    /// <summary>The time limit; null for that of the options.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Another address than the endpoint's, with a token in place of the API key.</summary>
    public (Uri Address, string Token)? Link { get; init; }

    /// <summary>The request's id; null for a new one.</summary>
    public string? RequestId { get; init; }

    /// <summary>Whether the service adopts the request's id.</summary>
    public bool KeepsRequestId { get; init; }

    /// <summary>A read call of the AGB API, with its parameters in the query.</summary>
    internal static ApiCall Get(string path, params ReadOnlySpan<(string Name, string? Value)> query) =>
        new(HttpMethod.Get, path + Query(query), Repeat.Always);

    /// <summary>A call of the AGB API with its parameters in the query and an empty body.</summary>
    internal static ApiCall PostQuery(string path, Repeat repeat, params ReadOnlySpan<(string Name, string? Value)> query) =>
        new(HttpMethod.Post, path + Query(query), repeat) { Body = "{}"u8.ToArray() };

    /// <summary>A call with a body.</summary>
    internal static ApiCall Post<T>(string path, T body, JsonTypeInfo<T> type, Repeat repeat) =>
        new(HttpMethod.Post, path, repeat) { Body = JsonSerializer.SerializeToUtf8Bytes(body, type) };

    /// <summary>The query string; parameters without a value are left out.</summary>
    internal static string Query(params ReadOnlySpan<(string Name, string? Value)> query)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in query)
        {
            if (value is not null)
            {
                text.Append(text.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
            }
        }
        return text.ToString();
    }
}
