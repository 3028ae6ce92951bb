namespace Agb.Protocol;

/// <summary>The body of <see cref="AgbServerRoutes.RunCommand"/>.</summary>
public sealed record RunCommandBody
{
    /// <summary>The session.</summary>
    public string? SessionId { get; init; }

    /// <summary>The command line.</summary>
    public string? Command { get; init; }

    /// <summary>The arguments. Servers without support for them lack <see cref="AgbServerRoutes.CommandSocket"/>
    /// too.</summary>
    public IReadOnlyList<string>? Arguments { get; init; }

    /// <summary>The time limit; none for the default of <see cref="AgbCommandRequest"/>.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>The working directory.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Environment variables.</summary>
    public IReadOnlyDictionary<string, string>? Environment { get; init; }

    /// <summary>The maximum of kept bytes, for stdout and stderr each; none for the default.</summary>
    public int? MaxOutputBytes { get; init; }

    /// <summary>Whether to send lines as they come.</summary>
    public bool Lines { get; init; }

    /// <summary>Whether frames with stdin follow, on a <see cref="AgbServerRoutes.CommandSocket"/>.</summary>
    public bool Input { get; init; }

    /// <summary>Whether to send the bytes of stdout as they come, on a <see cref="AgbServerRoutes.CommandSocket"/>.</summary>
    public bool Output { get; init; }

    /// <summary>The body for a request, without its streams and its channel.</summary>
    public static RunCommandBody From(string sessionId, AgbCommandRequest request) => new()
    {
        SessionId = sessionId,
        Command = request.Command,
        Timeout = request.Timeout,
        WorkingDirectory = request.WorkingDirectory,
        Environment = request.Environment,
        MaxOutputBytes = request.MaxOutputBytes,
        Lines = request.Lines is not null,
        Arguments = request.Arguments.Count > 0 ? request.Arguments : null,
        Input = request.Input is not null,
        Output = request.Output is not null,
    };

    /// <summary>The request of a body, without streams and channel.</summary>
    public AgbCommandRequest ToRequest() => new()
    {
        Command = Command ?? "",
        Arguments = Arguments is { } arguments && arguments.Any(a => a is null)
            ? throw AgbErrors.Invalid(AgbErrorIds.InvalidRequest, "An argument of the command is null.")
            : Arguments ?? [],
        Timeout = Timeout ?? AgbCommandRequest.DefaultTimeout,
        WorkingDirectory = WorkingDirectory,
        Environment = TextMap.Require(Environment, "environment variable"),
        MaxOutputBytes = MaxOutputBytes ?? AgbCommandRequest.DefaultMaxOutputBytes,
    };
}

/// <summary>A text frame on the WebSocket of <see cref="AgbServerRoutes.CommandSocket"/>, after the client's first one with
/// the <see cref="RunCommandBody"/>.</summary>
/// <remarks>The client's binary frames are stdin, with <see cref="End"/> as their end. At most <see cref="Window"/> bytes may be
/// ahead of the server's <see cref="Taken"/>. The server's binary frames are stdout, if requested. Its other text frames are a
/// <see cref="StreamFrame"/> each, and the last one has the result or the error.</remarks>
/// <param name="End">From the client: stdin has ended.</param>
/// <param name="Taken">From the server: the number of newly read bytes of stdin.</param>
public sealed record CommandMessage(bool? End = null, int? Taken = null)
{
    /// <summary>The maximum number of stdin bytes in flight (1 MiB).</summary>
    public const int Window = 1024 * 1024;

    /// <summary>The maximum number of bytes in one binary frame (128 KiB).</summary>
    public const int MaxFrameBytes = 128 * 1024;
}

/// <summary>One output line of a command.</summary>
public sealed record OutputLine
{
    /// <summary>The stream of the line.</summary>
    public AgbOutputStream Stream { get; init; }

    /// <summary>The number of the line in its stream.</summary>
    public long Number { get; init; }

    /// <summary>The line without its end.</summary>
    public required string Text { get; init; }

    /// <summary>Whether the line continues in the stream's next one.</summary>
    public bool IsPartial { get; init; }

    /// <summary>The time of reading the line's end.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>The message for a line.</summary>
    public static OutputLine From(AgbCommandOutput line) =>
        new() { Stream = line.Stream, Number = line.Number, Text = line.Text, IsPartial = line.IsPartial, Time = line.Time };

    /// <summary>The line of a message.</summary>
    public AgbCommandOutput ToOutput(string sessionId, IAgbService? service) => new()
    {
        Service = service,
        SessionId = sessionId,
        Stream = Stream,
        Number = Number,
        Text = Text,
        IsPartial = IsPartial,
        Time = Time,
    };
}

/// <summary>The result of a command.</summary>
public sealed record CommandDetail
{
    /// <summary>The exit code.</summary>
    public int ExitCode { get; init; }

    /// <summary>The number of the fatal signal.</summary>
    public int? Signal { get; init; }

    /// <summary>Whether the command reached its time limit.</summary>
    public bool TimedOut { get; init; }

    /// <summary>The limit reached by the session meanwhile.</summary>
    public AgbLimitKind? LimitReached { get; init; }

    /// <summary>The time from start to end.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>The bytes of stdout (base64 in the JSON).</summary>
    public byte[]? Stdout { get; init; }

    /// <summary>The bytes of stderr (base64 in the JSON).</summary>
    public byte[]? Stderr { get; init; }

    /// <summary>Whether stdout is cut at the limit.</summary>
    public bool StdoutTruncated { get; init; }

    /// <summary>Whether stderr is cut at the limit.</summary>
    public bool StderrTruncated { get; init; }

    /// <summary>The message for a result.</summary>
    public static CommandDetail From(AgbCommandResult result) => new()
    {
        ExitCode = result.ExitCode,
        Signal = result.Signal,
        TimedOut = result.TimedOut,
        LimitReached = result.LimitReached,
        Duration = result.Duration,
        Stdout = result.GetStdoutBytes(),
        Stderr = result.GetStderrBytes(),
        StdoutTruncated = result.StdoutTruncated,
        StderrTruncated = result.StderrTruncated,
    };

    /// <summary>The result of a message.</summary>
    public AgbCommandResult ToResult(string sessionId, string command, IAgbService? service) => new AgbCommandResult
    {
        Service = service,
        SessionId = sessionId,
        Command = command,
        ExitCode = ExitCode,
        Signal = Signal,
        TimedOut = TimedOut,
        LimitReached = LimitReached,
        Duration = Duration,
        StdoutTruncated = StdoutTruncated,
        StderrTruncated = StderrTruncated,
    }.WithOutput(Stdout ?? [], Stderr ?? []);
}
