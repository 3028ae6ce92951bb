namespace Agb.Protocol;

/// <summary>The body of <see cref="AgbServerRoutes.RunCode"/>.</summary>
/// <param name="SessionId">The session.</param>
/// <param name="Code">The code.</param>
/// <param name="Language">The language.</param>
/// <param name="Timeout">The time limit; none for the default of <see cref="AgbCodeRequest"/>.</param>
/// <param name="Events">Whether to send events as they come.</param>
public sealed record RunCodeBody(
    string? SessionId = null, string? Code = null, AgbCodeLanguage Language = default, TimeSpan? Timeout = null, bool Events = false)
{
    /// <summary>The body for a request, without its channel.</summary>
    public static RunCodeBody From(string sessionId, AgbCodeRequest request) =>
        new(sessionId, request.Code, request.Language, request.Timeout, request.Events is not null);

    /// <summary>The request of a body, without a channel.</summary>
    public AgbCodeRequest ToRequest() =>
        new() { Code = Code ?? "", Language = Language, Timeout = Timeout ?? AgbCodeRequest.DefaultTimeout };
}

/// <summary>The result of code.</summary>
public sealed record CodeDetail
{
    /// <summary>The language.</summary>
    public AgbCodeLanguage Language { get; init; }

    /// <summary>The output on stdout.</summary>
    public string? Stdout { get; init; }

    /// <summary>The output on stderr.</summary>
    public string? Stderr { get; init; }

    /// <summary>The shown values.</summary>
    public IReadOnlyList<AgbCodeOutput>? Results { get; init; }

    /// <summary>The reason of the failure.</summary>
    public string? Error { get; init; }

    /// <summary>Whether the code reached its time limit.</summary>
    public bool TimedOut { get; init; }

    /// <summary>The number of the run in its interpreter.</summary>
    public int ExecutionCount { get; init; }

    /// <summary>The time from start to end.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>The message for a result.</summary>
    public static CodeDetail From(AgbCodeResult result) => new()
    {
        Language = result.Language,
        Stdout = result.Stdout,
        Stderr = result.Stderr,
        Results = result.Results,
        Error = result.Error,
        TimedOut = result.TimedOut,
        ExecutionCount = result.ExecutionCount,
        Duration = result.Duration,
    };

    /// <summary>The result of a message.</summary>
    public AgbCodeResult ToResult(string sessionId, IAgbService? service) => new()
    {
        Service = service,
        SessionId = sessionId,
        Language = Language,
        Stdout = Stdout ?? "",
        Stderr = Stderr ?? "",
        Results = Results ?? [],
        Error = Error,
        TimedOut = TimedOut,
        ExecutionCount = ExecutionCount,
        Duration = Duration,
    };
}
