using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Agb.Protocol;

namespace Agb.Cloud.Http;

/// <summary>When a call may be sent once more.</summary>
internal enum Repeat
{
    /// <summary>Never: its body can't be sent twice.</summary>
    Never,

    /// <summary>Only when the service said that it did nothing because there were too many requests.</summary>
    WhenTurnedAway,

    /// <summary>Also when nobody knows whether it was carried out: doing it twice is as good as once.</summary>
    Always,
}

/// <summary>One call of a service.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">The path below the endpoint.</param>
/// <param name="Repeat">When it may be sent once more.</param>
internal sealed record ApiCall(HttpMethod Method, string Path, Repeat Repeat)
{
    /// <summary>The body: JSON, or empty.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Another body, written when the call is sent; such a call is never repeated. Its time limit begins anew with every
    /// piece that was sent.</summary>
    public UploadContent? Content { get; init; }

    /// <summary>How long it may take; null for the options' time limit.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Another address than the endpoint's, with a token in place of the API key.</summary>
    public (Uri Address, string Token)? Link { get; init; }

    /// <summary>The id that is sent with the request; null for a new one.</summary>
    public string? RequestId { get; init; }

    /// <summary>Whether the service takes that id for its own too.</summary>
    public bool KeepsRequestId { get; init; }

    /// <summary>A call of the AGB API that reads, with its parameters in the query.</summary>
    internal static ApiCall Get(string path, params ReadOnlySpan<(string Name, string? Value)> query) =>
        new(HttpMethod.Get, path + Query(query), Repeat.Always);

    /// <summary>A call of the AGB API with its parameters in the query and nothing in the body.</summary>
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

/// <summary>An answer in an envelope.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Envelope">The envelope.</param>
/// <param name="RequestId">The request's id: the service's, else ours.</param>
internal sealed record ApiReply(int Status, Envelope Envelope, string RequestId)
{
    /// <summary>Whether the service did what was asked.</summary>
    public bool IsSuccess => Status < 400 && Envelope.Success;
}
