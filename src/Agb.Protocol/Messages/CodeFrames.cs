using System.Text.Json;

namespace Agb.Protocol;

/// <summary>One text frame of the WebSocket, in either direction.</summary>
public sealed record CodeFrame
{
    /// <summary>The source of clients' frames.</summary>
    public const string ClientSource = "SDK";

    /// <summary>The source of servers' frames.</summary>
    public const string ServerSource = "WEBSOCKET_SERVER";

    /// <summary>Ties the frames of one call together.</summary>
    public string? InvocationId { get; init; }

    /// <summary>The same under its other name.</summary>
    public string? RequestId { get; init; }

    /// <summary>Who sent it.</summary>
    public string? Source { get; init; }

    /// <summary>Whom it is for.</summary>
    public string? Target { get; init; }

    /// <summary>The type of frames that are no call: <c>ping</c>, which needs no answer.</summary>
    public string? Type { get; init; }

    /// <summary>What it says.</summary>
    public CodeFrameData? Data { get; init; }
}

/// <summary>What a frame says: a call from a client, an event or the end from a server.</summary>
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

    /// <summary>What was written.</summary>
    public string? Chunk { get; init; }

    /// <summary>What was shown.</summary>
    public CodeFrameResult? Result { get; init; }

    /// <summary>An error: an object in an event; a string ends the call.</summary>
    public JsonElement? Error { get; init; }

    /// <summary><c>finished</c> or <c>failed</c>.</summary>
    public string? Status { get; init; }

    /// <summary>The number of the run in its interpreter.</summary>
    public int? ExecutionCount { get; init; }

    /// <summary>Seconds from start to end.</summary>
    public double? ExecutionTime { get; init; }

    /// <summary>Why the code failed.</summary>
    public string? ExecutionError { get; init; }
}

/// <summary>The words for a frame's phase.</summary>
public static class CodePhase
{
    /// <summary>Something happened.</summary>
    public const string Event = "event";

    /// <summary>The call is over.</summary>
    public const string End = "end";

    /// <summary>The call can't go on.</summary>
    public const string Error = "error";
}

/// <summary>The parameters of a call by WebSocket. The names differ from the tool's.</summary>
public sealed record CodeFrameParameters
{
    /// <summary>The language.</summary>
    public string? Language { get; init; }

    /// <summary>The time limit in seconds.</summary>
    public double? TimeoutS { get; init; }

    /// <summary>The code.</summary>
    public string? Code { get; init; }
}

/// <summary>Something that code showed, in a frame.</summary>
public sealed record CodeFrameResult
{
    /// <summary>Whether it is the value of the last expression.</summary>
    public bool IsMainResult { get; init; }

    /// <summary>The forms by MIME type.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Mime { get; init; }
}
