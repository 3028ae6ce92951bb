namespace Agb.Cloud;

/// <summary>One request and its answer, for whoever looks into what goes over the wire. Keys, tokens and the addresses that a service
/// hands out are hidden; bodies are cut at <see cref="MaxBody"/> characters.</summary>
public sealed record AgbWireExchange
{
    /// <summary>The most characters of a body.</summary>
    public const int MaxBody = 2000;

    /// <summary>The HTTP method, or <c>WS</c> for a WebSocket.</summary>
    public required string Method { get; init; }

    /// <summary>The address with its query.</summary>
    public required string Address { get; init; }

    /// <summary>The request's id.</summary>
    public required string RequestId { get; init; }

    /// <summary>The HTTP status, or null when no answer came.</summary>
    public int? Status { get; init; }

    /// <summary>From the sending to the end of the answer, or to its head where the answer is a stream.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>The request's body, or null where it is empty or no text.</summary>
    public string? RequestBody { get; init; }

    /// <summary>The answer's body, or null where it is empty, no text or a stream.</summary>
    public string? ResponseBody { get; init; }

    /// <summary>Why no answer came, or null.</summary>
    public string? Error { get; init; }

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Method} {Address} -> {Status?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? Error} in {Duration.TotalMilliseconds:0} ms ({RequestId})";
}
