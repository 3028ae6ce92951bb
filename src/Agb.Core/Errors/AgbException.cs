namespace Agb;

/// <summary>The kind of failure of an <see cref="AgbException"/>, for callers to map to an ErrorCategory in a cmdlet or an HTTP
/// status on a server.</summary>
public enum AgbErrorKind
{
    /// <summary>A value of the caller is not acceptable.</summary>
    InvalidInput,

    /// <summary>The named context, session, image or file does not exist.</summary>
    NotFound,

    /// <summary>The name is in use.</summary>
    AlreadyExists,

    /// <summary>The object exists but its state does not allow the operation.</summary>
    InvalidState,

    /// <summary>The operation did not finish in its time.</summary>
    Timeout,

    /// <summary>This host lacks a requirement of the operation.</summary>
    HostNotReady,

    /// <summary>A resource has run out: disk space, inodes, processes.</summary>
    ResourceExhausted,

    /// <summary>The operating system refused access.</summary>
    PermissionDenied,

    /// <summary>Stored data is damaged or of a newer format.</summary>
    DataCorrupt,

    /// <summary>The operation failed for another reason.</summary>
    Failed,
}

/// <summary>An error with a stable id. Core and services throw it; only the cmdlet layer makes ErrorRecords of it.</summary>
public class AgbException : Exception
{
    /// <summary>Creates an error.</summary>
    /// <param name="errorId">One of <see cref="AgbErrorIds"/>.</param>
    /// <param name="kind">The kind of failure.</param>
    /// <param name="message">The value, the expectation, and the outcome.</param>
    /// <param name="remedy">Remedy for the user, without words of a front end.</param>
    /// <param name="target">The value or object in question.</param>
    /// <param name="inner">The cause.</param>
    public AgbException(
        string errorId, AgbErrorKind kind, string message, string? remedy = null, object? target = null, Exception? inner = null)
        : base(message, inner)
    {
        ErrorId = errorId;
        Kind = kind;
        OwnRemedy = remedy;
        // Ids are text to users.
        Target = target is ContextId or SessionId ? target.ToString() : target;
    }

    /// <summary>The stable id, one of <see cref="AgbErrorIds"/>.</summary>
    public string ErrorId { get; }

    /// <summary>The kind of failure.</summary>
    public AgbErrorKind Kind { get; }

    /// <summary>The remedy for the user in words for every front end: <see cref="OwnRemedy"/>, then the words of
    /// <see cref="Advice"/>. Null if the message is enough.</summary>
    public string? Remedy => RemedyWith(AdviceWords.Of);

    /// <summary>The part of the remedy that is the same for all front ends, or null.</summary>
    public string? OwnRemedy { get; }

    /// <summary>The next step, worded by the front end, or null.</summary>
    public AgbAdvice? Advice { get; init; }

    /// <summary>The value or object in question.</summary>
    public object? Target { get; }

    /// <summary>Delay before a retry; null if unknown.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The remote service's id of the failed request, or null.</summary>
    public string? RequestId { get; init; }

    /// <summary>The remedy in a front end's words.</summary>
    /// <param name="words">The sentences for an advice.</param>
    public string? RemedyWith(Func<AgbAdvice, string> words) =>
        Advice is not { } advice ? OwnRemedy : OwnRemedy is null ? words(advice) : $"{OwnRemedy} {words(advice)}";
}
