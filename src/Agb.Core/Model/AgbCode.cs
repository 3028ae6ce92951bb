using System.Threading.Channels;

namespace Agb;

/// <summary>A language that a session may run code in.</summary>
public enum AgbCodeLanguage
{
    /// <summary>Python 3. Variables stay from call to call.</summary>
    Python,

    /// <summary>JavaScript, by Node.js. Each call starts anew.</summary>
    Javascript,

    /// <summary>Java: the statements of a method's body. Each call starts anew.</summary>
    Java,

    /// <summary>R. Variables stay from call to call.</summary>
    R,
}

/// <summary>Code to run in a session.</summary>
public sealed record AgbCodeRequest
{
    /// <summary>The time limit when none is given.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(60);

    /// <summary>The most bytes of UTF-8 that the code may have (4 MiB).</summary>
    public const int MaxCodeBytes = 4 * 1024 * 1024;

    /// <summary>The code.</summary>
    public required string Code { get; init; }

    /// <summary>Its language.</summary>
    public AgbCodeLanguage Language { get; init; }

    /// <summary>After this time the code is ended; an interpreter that keeps state and can't be interrupted is started anew.</summary>
    public TimeSpan Timeout { get; init; } = DefaultTimeout;

    /// <summary>Takes what the code writes and shows while it runs, or null. The rules are those of
    /// <see cref="AgbCommandRequest.Lines"/>.</summary>
    public ChannelWriter<AgbCodeEvent>? Events { get; init; }
}

/// <summary>Something that running code wrote or showed.</summary>
public sealed record AgbCodeEvent
{
    /// <summary>The stream that <see cref="Text"/> was written to, or null for a result.</summary>
    public AgbOutputStream? Stream { get; init; }

    /// <summary>What was written, in pieces as they came.</summary>
    public string? Text { get; init; }

    /// <summary>What was shown, else null.</summary>
    public AgbCodeOutput? Result { get; init; }
}

/// <summary>A value that code showed: the last expression of the code, a chart, or another.</summary>
public sealed record AgbCodeOutput
{
    /// <summary>Whether this is the value of the code's last expression.</summary>
    public bool IsMainResult { get; init; }

    /// <summary>The forms of the value by MIME type, such as <c>text/plain</c>, <c>text/html</c> or <c>image/png</c> (base64).</summary>
    public IReadOnlyDictionary<string, string> Mime { get; init => field = Indexable.Table(value); } = Indexable.Table(new Dictionary<string, string>());

    /// <summary>The plain text form, or the empty string.</summary>
    public string Text => Mime.TryGetValue("text/plain", out var text) ? text : "";

    /// <inheritdoc/>
    public override string ToString() => Text;
}

/// <summary>What code did. An error in the code is data, not an error of the call.</summary>
public sealed record AgbCodeResult : AgbObject
{
    /// <summary>The most bytes that all that the code shows may have, as JSON (64 MiB). Code that shows more has failed.</summary>
    public const int MaxResultBytes = 64 * 1024 * 1024;

    /// <summary>The session that the code ran in.</summary>
    public required string SessionId { get; init; }

    /// <summary>The language.</summary>
    public AgbCodeLanguage Language { get; init; }

    /// <summary>Whether the code ran to its end without an error.</summary>
    public bool Success => Error is null && !TimedOut;

    /// <summary>What the code wrote to stdout.</summary>
    public string Stdout { get; init; } = "";

    /// <summary>What the code wrote to stderr.</summary>
    public string Stderr { get; init; } = "";

    /// <summary>What the code showed.</summary>
    public IReadOnlyList<AgbCodeOutput> Results { get; init => field = Indexable.List(value); } = Indexable.List<AgbCodeOutput>([]);

    /// <summary>Why the code failed, with the traceback of its language, or null.</summary>
    public string? Error { get; init; }

    /// <summary>Whether the code was ended because its time was over.</summary>
    public bool TimedOut { get; init; }

    /// <summary>The number of this run in its interpreter, from 1.</summary>
    public int ExecutionCount { get; init; }

    /// <summary>From start to end.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>stdout, then stderr, then the value of the last expression.</summary>
    public string Output => Stdout + Stderr + (Results.FirstOrDefault(r => r.IsMainResult)?.Text ?? "");

    /// <inheritdoc/>
    public override string ToString() => Output;
}
