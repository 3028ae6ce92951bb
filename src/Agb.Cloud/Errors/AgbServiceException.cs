namespace Agb.Cloud;

/// <summary>A service answered, and said no.</summary>
public sealed class AgbServiceException : AgbException
{
    /// <summary>Creates an error.</summary>
    /// <param name="errorId">One of <see cref="AgbErrorIds"/>.</param>
    /// <param name="kind">What kind of failure it is.</param>
    /// <param name="message">What the service said.</param>
    /// <param name="remedy">What the user can do about it.</param>
    /// <param name="target">The value that it is about.</param>
    /// <param name="inner">The cause.</param>
    public AgbServiceException(
        string errorId, AgbErrorKind kind, string message, string? remedy = null, object? target = null, Exception? inner = null)
        : base(errorId, kind, message, remedy, target, inner)
    {
    }

    /// <summary>The HTTP status that it said it with, or null where the no came by other ways.</summary>
    public int? HttpStatus { get; init; }

    /// <summary>The service's own word for the error, or the empty string.</summary>
    public string Code { get; init; } = "";

    /// <summary>Whether the answer has the error as an Agb server writes it.</summary>
    internal bool IsFromAgbServer { get; init; }
}

/// <summary>A service could not be asked, or its answer did not come: nobody knows whether it did what was asked.</summary>
public sealed class AgbConnectionException : AgbException
{
    /// <summary>Creates an error; its id is always <see cref="AgbErrorIds.ConnectionFailed"/>.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="remedy">What the user can do about it.</param>
    /// <param name="inner">The cause.</param>
    /// <param name="isTimeout">Whether the time was over.</param>
    public AgbConnectionException(string message, string? remedy = null, Exception? inner = null, bool isTimeout = false)
        : base(AgbErrorIds.ConnectionFailed, isTimeout ? AgbErrorKind.Timeout : AgbErrorKind.Failed, message, remedy, inner: inner)
    {
    }
}
