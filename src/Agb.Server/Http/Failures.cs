using Agb.Linux;
using Microsoft.Extensions.Logging;

namespace Agb.Server;

/// <summary>Turns errors into texts for clients. Details for the operator stay in the log.</summary>
internal sealed class Failures(ServerOptions options, Telemetry telemetry, ILogger<Failures> logger)
{
    /// <summary>The placeholder for the data directory in texts for clients.</summary>
    internal const string Data = "DATA";

    /// <summary>The error for a client. It is counted. An unexpected error is logged, and the client gets no details.</summary>
    /// <param name="cause">The error.</param>
    /// <param name="requestId">The id of the call, as known to the client.</param>
    internal AgbException Report(Exception cause, string requestId)
    {
        var error = cause is AgbException known ? Outward(known, requestId)
            : Exhaustion.Is(cause) ? Outward(AgbErrors.HostExhausted("this call", cause.Message, cause), requestId)
            : Unexpected(cause, requestId);
        telemetry.Failed(error.ErrorId);
        return error;
    }

    /// <summary>A text for a client, without the path of the server's data directory.</summary>
    internal string Hide(string text) => text.Replace(options.DataDirectory, Data, StringComparison.Ordinal);

    /// <summary>An error for a client, without the path of the server's data directory.</summary>
    internal AgbException Outward(AgbException error, string requestId)
    {
        if (!Names(error.Message) && !Names(error.Remedy) && !Names(error.Target as string))
        {
            return error;
        }
        logger.PathHidden(requestId, error.Message);
        return new AgbException(
            error.ErrorId, error.Kind, Hide(error.Message), error.OwnRemedy is { } remedy ? Hide(remedy) : null,
            error.Target is string target ? Hide(target) : error.Target, error)
        {
            Advice = error.Advice,
            RetryAfter = error.RetryAfter,
        };
    }

    private bool Names(string? text) => text?.Contains(options.DataDirectory, StringComparison.Ordinal) == true;

    // The text can contain secrets, so it goes only to the log.
    private AgbException Unexpected(Exception cause, string requestId)
    {
        logger.RequestFailed(requestId, cause);
        return new AgbException(
            AgbErrorIds.UnexpectedError, AgbErrorKind.Failed, "The server failed unexpectedly.",
            $"Its log has the reason under the request id {requestId}.", inner: cause);
    }
}
