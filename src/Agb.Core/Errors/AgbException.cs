namespace Agb;

/// <summary>What kind of failure an <see cref="AgbException"/> reports; callers map it to their own world
/// (an ErrorCategory in a cmdlet, an HTTP status on a server).</summary>
public enum AgbErrorKind
{
    /// <summary>A value given by the caller is not acceptable.</summary>
    InvalidInput,

    /// <summary>The named context, session, image or file does not exist.</summary>
    NotFound,

    /// <summary>The name is taken already.</summary>
    AlreadyExists,

    /// <summary>The object exists but its state does not allow the operation.</summary>
    InvalidState,

    /// <summary>The operation did not finish in its time.</summary>
    Timeout,

    /// <summary>This host lacks something that the operation needs.</summary>
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
    /// <param name="kind">What kind of failure it is.</param>
    /// <param name="message">Names the value, what was expected, and what happened.</param>
    /// <param name="remedy">What the user can do about it.</param>
    /// <param name="target">The value or object that the error is about.</param>
    /// <param name="inner">The cause.</param>
    public AgbException(
        string errorId, AgbErrorKind kind, string message, string? remedy = null, object? target = null, Exception? inner = null)
        : base(message, inner)
    {
        ErrorId = errorId;
        Kind = kind;
        Remedy = remedy;
        Target = target;
    }

    /// <summary>The stable id, one of <see cref="AgbErrorIds"/>.</summary>
    public string ErrorId { get; }

    /// <summary>What kind of failure it is.</summary>
    public AgbErrorKind Kind { get; }

    /// <summary>What the user can do about it, or null when the message says it all.</summary>
    public string? Remedy { get; }

    /// <summary>The value or object that the error is about.</summary>
    public object? Target { get; }

    /// <summary>After what time it is worth while to try again; null where nobody can say.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The id under which a remote service knows the request that failed, or null.</summary>
    public string? RequestId { get; init; }
}
