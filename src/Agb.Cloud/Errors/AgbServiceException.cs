namespace Agb.Cloud;

/// <summary>A service refused a request.</summary>
public sealed class AgbServiceException : AgbException
{
    /// <summary>Creates an error.</summary>
    /// <param name="errorId">One of <see cref="AgbErrorIds"/>.</param>
    /// <param name="kind">The kind of failure.</param>
    /// <param name="message">The service's message.</param>
    /// <param name="remedy">Remedy for the user.</param>
    /// <param name="target">The value in question.</param>
    /// <param name="inner">The cause.</param>
    public AgbServiceException(
        string errorId, AgbErrorKind kind, string message, string? remedy = null, object? target = null, Exception? inner = null)
        : base(errorId, kind, message, remedy, target, inner)
    {
    }

    /// <summary>The HTTP status of the refusal, or null if it came another way.</summary>
    public int? HttpStatus { get; init; }

    /// <summary>The service's code for the error, or the empty string.</summary>
    public string Code { get; init; } = "";

    /// <summary>Whether the answer has an error in an Agb server's format.</summary>
    internal bool IsFromAgbServer { get; init; }
}

/// <summary>A service was not reached, or its answer was lost. The operation may or may not have been performed.</summary>
public sealed class AgbConnectionException : AgbException
{
    /// <summary>Creates an error; its id is always <see cref="AgbErrorIds.ConnectionFailed"/>.</summary>
    /// <param name="message">The message.</param>
    /// <param name="remedy">Remedy for the user.</param>
    /// <param name="inner">The cause.</param>
    /// <param name="isTimeout">Whether the time limit was reached.</param>
    public AgbConnectionException(string message, string? remedy = null, Exception? inner = null, bool isTimeout = false)
        : base(AgbErrorIds.ConnectionFailed, isTimeout ? AgbErrorKind.Timeout : AgbErrorKind.Failed, message, remedy, inner: inner)
    {
    }
}
