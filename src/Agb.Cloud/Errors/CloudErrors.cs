using System.Net.Sockets;
using System.Security.Authentication;
using Agb.Protocol;

namespace Agb.Cloud;

/// <summary>The errors of this service, one wording each.</summary>
internal static class CloudErrors
{
    /// <summary>The environment variable of the API key.</summary>
    internal const string ApiKeyVariable = "AGB_API_KEY";

    /// <summary>The maximum length of an answer's text in an error.</summary>
    internal const int MaxQuoted = 300;

    internal static AgbException InvalidSetting(string what, string fault, string expected, object? target, Exception? inner = null) => new(
        AgbErrorIds.InvalidSetting, AgbErrorKind.InvalidInput, $"The {what} {fault}; expected {expected}.",
        "Correct the setting; nothing was sent.", target, inner);

    internal static AgbException NoApiKey() => new(
        AgbErrorIds.AuthenticationFailed, AgbErrorKind.InvalidInput, "No API key is given for the AGB service.")
    {
        Advice = AgbAdvice.GiveApiKey,
    };

    /// <summary>The error of a failure envelope.</summary>
    internal static AgbServiceException Refused(ApiReply reply, TimeSpan? retryAfter = null)
    {
        var error = reply.Envelope.ToException(reply.Status);
        // The service's remedy for keys is for programs: it names headers.
        var (remedy, advice) = error.ErrorId switch
        {
            AgbErrorIds.AuthenticationFailed => (null, AgbAdvice.CheckApiKey),
            AgbErrorIds.TooManyRequests or AgbErrorIds.TooManySessions or AgbErrorIds.HostExhausted when error.Remedy is null =>
                (Later(retryAfter), null),
            _ => (error.OwnRemedy, error.Advice),
        };
        return new AgbServiceException(error.ErrorId, error.Kind, error.Message, remedy, error.Target, error)
        {
            Advice = advice,
            RequestId = reply.RequestId,
            HttpStatus = reply.Status,
            Code = reply.Envelope.Code,
            RetryAfter = retryAfter,
            IsFromAgbServer = reply.Envelope.AgbError is not null,
        };
    }

    /// <summary>A known error shown by an answer, with the request's id.</summary>
    internal static AgbServiceException Shown(AgbException known, string requestId) =>
        new(known.ErrorId, known.Kind, known.Message, known.OwnRemedy, known.Target) { Advice = known.Advice, RequestId = requestId };

    /// <summary>The error of an unexpected answer for an AGB service.</summary>
    internal static AgbServiceException Unreadable(string fault, string requestId, int? status = null, Exception? inner = null) => new(
        AgbErrorIds.ServiceRefused, AgbErrorKind.Failed, $"The service's answer can't be read: {fault.TrimEnd('.')}.",
        "Check the endpoint: it must be an AGB service.", inner: inner)
    {
        RequestId = requestId,
        HttpStatus = status,
    };

    /// <summary>The error of an HTTP status without an envelope.</summary>
    internal static AgbException OfStatus(int status, string text, string requestId, TimeSpan? retryAfter) => status switch
    {
        // The gateway does not know the outcome of the request.
        502 or 503 or 504 => new AgbConnectionException(
            $"The service can't be reached behind its gateway (HTTP status {status}){Quoted(text)}.", Later(retryAfter))
        {
            RequestId = requestId,
            RetryAfter = retryAfter,
        },
        _ => Refused(new ApiReply(status, new Envelope { Message = $"The service answered with HTTP status {status}{Quoted(text)}." }, requestId), retryAfter),
    };

    /// <summary>The error of a redirect.</summary>
    internal static AgbServiceException Redirected(int status, string target, string requestId) => new(
        AgbErrorIds.ServiceRefused, AgbErrorKind.Failed,
        $"The service answered with HTTP status {status} and a redirect to '{target}'; the API key is not sent there.",
        "If the service has moved there, use the new address as the endpoint.")
    {
        RequestId = requestId,
        HttpStatus = status,
    };

    /// <summary>The error of a call beyond its time limit.</summary>
    internal static AgbConnectionException TimeOver(string service, TimeSpan timeout, string requestId, Exception? inner = null) => new(
        $"The service '{service}' did not answer within {timeout.TotalSeconds:0.###} s. The operation may or may not have been performed.",
        "Check the state, then try again, with a longer time limit if need be.", inner, isTimeout: true)
    {
        RequestId = requestId,
    };

    /// <summary>The error of a failed or broken connection.</summary>
    internal static AgbConnectionException NoConnection(string service, string requestId, Exception cause) => new(
        $"The service '{service}' can't be reached: {Reason(cause)}", "Check the endpoint and the network.", cause)
    {
        RequestId = requestId,
    };

    /// <summary>The error of an incomplete answer.</summary>
    internal static AgbConnectionException CutOff(string service, string requestId, Exception? inner = null) => new(
        $"The connection to the service '{service}' broke before its answer was complete. The operation may or may not have been performed.",
        "Check the state, then try again.", inner)
    {
        RequestId = requestId,
    };

    /// <summary>The error of a wait beyond its time limit.</summary>
    internal static AgbException WaitOver(string what, TimeSpan timeout, AgbAdvice? advice, string target) => new(
        AgbErrorIds.WaitTimeout, AgbErrorKind.Timeout, $"{what} did not end within {timeout.TotalSeconds:0.###} s.",
        advice is null ? "Wait longer, or look again; it continues." : null, target)
    {
        Advice = advice,
    };

    private static string Later(TimeSpan? retryAfter) =>
        retryAfter is { } span ? $"Try again after {Math.Ceiling(span.TotalSeconds):0} s." : "Try again a little later.";

    private static string Quoted(string text) => text.Trim() switch
    {
        "" => "",
        { Length: > MaxQuoted } much => $": {much[..MaxQuoted]}...",
        var little => $": {little.TrimEnd('.')}",
    };

    // The HTTP library's outer messages tell less than the cause.
    private static string Reason(Exception error)
    {
        var cause = error;
        while (cause is not (SocketException or AuthenticationException) && cause.InnerException is { } inner)
        {
            cause = inner;
        }
        return cause.Message.TrimEnd('.') + ".";
    }
}
