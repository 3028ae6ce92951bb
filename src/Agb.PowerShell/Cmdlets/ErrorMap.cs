using System.Globalization;
using System.Management.Automation;
using System.Text.RegularExpressions;

namespace Agb.PowerShell;

/// <summary>Converts exceptions to error records, the only place for it.</summary>
internal static partial class ErrorMap
{
    /// <summary>Errors of the host or the store: every other item of the pipeline would fail too.</summary>
    private static readonly HashSet<string> s_hopeless =
    [
        AgbErrorIds.HostNotReady, AgbErrorIds.StoreFormatTooNew, AgbErrorIds.ServiceNotAvailable, AgbErrorIds.AccessDenied,
        AgbErrorIds.ReadOnlyStore,
    ];

    /// <summary>Whether no later record of the pipeline can succeed after this error.</summary>
    internal static bool EndsThePipeline(Exception exception) =>
        exception is AgbException agb && s_hopeless.Contains(agb.ErrorId);

    /// <summary>Makes the error record of an exception.</summary>
    /// <param name="exception">The exception.</param>
    /// <param name="target">The cmdlet's current item, for exceptions without a target.</param>
    internal static ErrorRecord ToRecord(Exception exception, object? target = null)
    {
        var agb = exception as AgbException ?? new AgbException(
            AgbErrorIds.UnexpectedError, AgbErrorKind.Failed, $"{exception.GetType().Name}: {exception.Message}", inner: exception);
        var record = new ErrorRecord(agb, agb.ErrorId, Category(agb.Kind), agb.Target ?? target);
        // PowerShell shows the recommended action below the message, so the message does not repeat it.
        record.ErrorDetails = new ErrorDetails(Local(WithCauses(agb))) { RecommendedAction = CmdletAdvice.Of(agb) };
        return record;
    }

    /// <summary>The message, with the messages of its causes unless it repeats them already.</summary>
    private static string WithCauses(Exception exception)
    {
        var message = exception.Message;
        for (var cause = exception.InnerException; cause is not null; cause = cause.InnerException)
        {
            if (!message.Contains(cause.Message, StringComparison.Ordinal))
            {
                message += $" Cause: {cause.Message}";
            }
        }
        return message;
    }

    /// <summary>Converts UTC times in a text to local time, as the objects show them.</summary>
    private static string Local(string text) => Universal().Replace(
        text,
        time => DateTimeOffset.TryParseExact(time.Value, "u", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var universal)
            ? universal.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)
            : time.Value);

    [GeneratedRegex(@"\b\d{4}-\d\d-\d\d [0-2]\d:[0-5]\d:[0-5]\dZ\b")]
    private static partial Regex Universal();

    private static ErrorCategory Category(AgbErrorKind kind) => kind switch
    {
        AgbErrorKind.InvalidInput => ErrorCategory.InvalidArgument,
        AgbErrorKind.NotFound => ErrorCategory.ObjectNotFound,
        AgbErrorKind.AlreadyExists => ErrorCategory.ResourceExists,
        AgbErrorKind.InvalidState => ErrorCategory.InvalidOperation,
        AgbErrorKind.Timeout => ErrorCategory.OperationTimeout,
        AgbErrorKind.HostNotReady => ErrorCategory.NotInstalled,
        AgbErrorKind.ResourceExhausted => ErrorCategory.ResourceUnavailable,
        AgbErrorKind.PermissionDenied => ErrorCategory.PermissionDenied,
        AgbErrorKind.DataCorrupt => ErrorCategory.InvalidData,
        AgbErrorKind.Failed => ErrorCategory.OperationStopped,
        _ => ErrorCategory.NotSpecified,
    };
}
