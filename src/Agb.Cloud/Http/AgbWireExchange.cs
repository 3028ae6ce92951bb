namespace Agb.Cloud;

/// <summary>One request and its answer, for tracing. Keys, tokens and presigned addresses are hidden; bodies are cut at
/// <see cref="MaxBody"/> characters.</summary>
public sealed record AgbWireExchange
{
    /// <summary>The maximum number of characters of a body.</summary>
    public const int MaxBody = 2000;

    /// <summary>The HTTP method, or <c>WS</c> for a WebSocket.</summary>
    public required string Method { get; init; }

    /// <summary>The address with its query.</summary>
    public required string Address { get; init; }

    /// <summary>The request's id.</summary>
    public required string RequestId { get; init; }

    /// <summary>The HTTP status, or null without an answer.</summary>
    public int? Status { get; init; }

    /// <summary>The time from the sending to the end of the answer, or to the head of a stream.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>The request's body, or null if empty or not text.</summary>
    public string? RequestBody { get; init; }

    /// <summary>The answer's body, or null if empty, not text or a stream.</summary>
    public string? ResponseBody { get; init; }

    /// <summary>The reason of a missing answer, or null.</summary>
    public string? Error { get; init; }

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Method} {Address} -> {Status?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? Error} in {Duration.TotalMilliseconds:0} ms ({RequestId})";
}
