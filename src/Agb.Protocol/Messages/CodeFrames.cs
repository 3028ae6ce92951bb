namespace Agb.Protocol;

/// <summary>One text frame of the WebSocket, in either direction.</summary>
/// <param name="InvocationId">The id of the frame's call.</param>
/// <param name="RequestId">Alias of <see cref="InvocationId"/>.</param>
/// <param name="Source">The sender.</param>
/// <param name="Target">The receiver.</param>
/// <param name="Type">The type of frames outside of calls: <c>ping</c>, without an answer.</param>
/// <param name="Data">The content.</param>
public sealed record CodeFrame(
    string? InvocationId = null, string? RequestId = null, string? Source = null, string? Target = null, string? Type = null,
    CodeFrameData? Data = null)
{
    /// <summary>The source of clients' frames.</summary>
    public const string ClientSource = "SDK";

    /// <summary>The source of servers' frames.</summary>
    public const string ServerSource = "WEBSOCKET_SERVER";
}

/// <summary>The content of a frame: a call from a client, an event or the end from a server.</summary>
public sealed record CodeFrameData
{
    /// <summary>The method: <c>run_code</c>.</summary>
    public string? Method { get; init; }

    /// <summary>The mode: <c>stream</c>.</summary>
    public string? Mode { get; init; }

    /// <summary>The parameters of a call.</summary>
    public CodeFrameParameters? Params { get; init; }

    /// <summary>One of <see cref="CodePhase"/>.</summary>
    public string? Phase { get; init; }

    /// <summary>The number of the event in its call, from 1.</summary>
    public long? Seq { get; init; }

    /// <summary><c>stdout</c>, <c>stderr</c>, <c>result</c> or <c>error</c>.</summary>
    public string? EventType { get; init; }

    /// <summary>The output.</summary>
    public string? Chunk { get; init; }

    /// <summary>The shown value.</summary>
    public CodeFrameResult? Result { get; init; }

    /// <summary>An error: an object in an event; a string ends the call.</summary>
    public JsonElement? Error { get; init; }

    /// <summary><c>finished</c> or <c>failed</c>.</summary>
    public string? Status { get; init; }

    /// <summary>The number of the run in its interpreter.</summary>
    public int? ExecutionCount { get; init; }

    /// <summary>Seconds from start to end.</summary>
    public double? ExecutionTime { get; init; }

    /// <summary>The reason of the code's failure.</summary>
    public string? ExecutionError { get; init; }
}

/// <summary>The words for a frame's phase.</summary>
public static class CodePhase
{
    /// <summary>An event of the call.</summary>
    public const string Event = "event";

    /// <summary>The call is over.</summary>
    public const string End = "end";

    /// <summary>The call can't go on.</summary>
    public const string Error = "error";
}

/// <summary>The parameters of a call by WebSocket. The names differ from the tool's.</summary>
/// <param name="Language">The language.</param>
/// <param name="TimeoutS">The time limit in seconds.</param>
/// <param name="Code">The code.</param>
public sealed record CodeFrameParameters(string? Language = null, double? TimeoutS = null, string? Code = null);

/// <summary>A value shown by code, in a frame.</summary>
/// <param name="IsMainResult">Whether the value is that of the last expression.</param>
/// <param name="Mime">The forms by MIME type.</param>
public sealed record CodeFrameResult(bool IsMainResult = false, IReadOnlyDictionary<string, JsonElement>? Mime = null);
