using System.Threading.Channels;

namespace Agb;

/// <summary>A language of code in a session.</summary>
public enum AgbCodeLanguage
{
    /// <summary>Python 3. Variables persist between calls.</summary>
    Python,

    /// <summary>JavaScript, by Node.js. Each call starts fresh.</summary>
    Javascript,

    /// <summary>Java: the statements of a method's body. Each call starts fresh.</summary>
    Java,

    /// <summary>R. Variables persist between calls.</summary>
    R,
}

/// <summary>Code to run in a session.</summary>
public sealed record AgbCodeRequest
{
    /// <summary>The default time limit.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(60);

    /// <summary>The maximum size of the code in bytes of UTF-8 (4 MiB).</summary>
    public const int MaxCodeBytes = 4 * 1024 * 1024;

    /// <summary>The code.</summary>
    public required string Code { get; init; }

    /// <summary>The language.</summary>
    public AgbCodeLanguage Language { get; init; }

    /// <summary>The time limit. At its end the code is ended; a stateful interpreter without an interrupt is restarted.</summary>
    public TimeSpan Timeout { get; init; } = DefaultTimeout;

    /// <summary>Receives the code's output and results while it runs, or null. The rules are those of
    /// <see cref="AgbCommandRequest.Lines"/>.</summary>
    public ChannelWriter<AgbCodeEvent>? Events { get; init; }
}

/// <summary>An output or a result of running code.</summary>
public sealed record AgbCodeEvent
{
    /// <summary>The stream of <see cref="Text"/>, or null for a result.</summary>
    public AgbOutputStream? Stream { get; init; }

    /// <summary>The output, in pieces as they came.</summary>
    public string? Text { get; init; }

    /// <summary>The result, else null.</summary>
    public AgbCodeOutput? Result { get; init; }
}

/// <summary>A value shown by code: the last expression, a chart, or another.</summary>
public sealed record AgbCodeOutput
{
    /// <summary>Whether this is the value of the code's last expression.</summary>
    public bool IsMainResult { get; init; }

    /// <summary>The forms of the value by MIME type, such as <c>text/plain</c>, <c>text/html</c> or <c>image/png</c> (base64).</summary>
    public IReadOnlyDictionary<string, string> Mime { get; init => field = Indexable.Table(value); } = Indexable.Table(new Dictionary<string, string>());

    /// <summary>The plain text form, or the empty string.</summary>
    [JsonIgnore]
    public string Text => Mime.TryGetValue("text/plain", out var text) ? text : "";

    /// <inheritdoc/>
    public override string ToString() => Text;
}

/// <summary>The result of code. An error in the code is data, not an error of the call.</summary>
public sealed record AgbCodeResult : AgbObject
{
    /// <summary>The maximum size of all results of the code, in bytes of JSON (64 MiB). Code with larger results fails.</summary>
    public const int MaxResultBytes = 64 * 1024 * 1024;

    /// <summary>The session of the code.</summary>
    public required string SessionId { get; init; }

    /// <summary>The language.</summary>
    public AgbCodeLanguage Language { get; init; }

    /// <summary>Whether the code ran to its end without an error.</summary>
    public bool Success => Error is null && !TimedOut;

    /// <summary>The output on stdout.</summary>
    public string Stdout { get; init; } = "";

    /// <summary>The output on stderr.</summary>
    public string Stderr { get; init; } = "";

    /// <summary>The values shown by the code.</summary>
    public IReadOnlyList<AgbCodeOutput> Results { get; init => field = Indexable.List(value); } = Indexable.List<AgbCodeOutput>([]);

    /// <summary>The error, with the traceback of its language, or null.</summary>
    public string? Error { get; init; }

    /// <summary>Whether the code was ended at its time limit.</summary>
    public bool TimedOut { get; init; }

    /// <summary>The number of this run in its interpreter, from 1.</summary>
    public int ExecutionCount { get; init; }

    /// <summary>The time from start to end.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>stdout, then stderr, then the value of the last expression.</summary>
    public string Output => Stdout + Stderr + (Results.FirstOrDefault(r => r.IsMainResult)?.Text ?? "");

    /// <inheritdoc/>
    public override string ToString() => Output;
}
