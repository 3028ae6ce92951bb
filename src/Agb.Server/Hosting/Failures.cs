using Agb.Engine.Native;
using Agb.Protocol;
using Microsoft.Extensions.Logging;

namespace Agb.Server.Hosting;

/// <summary>What clients are told of what went wrong, and what is only theirs to know who run the server.</summary>
internal sealed partial class Failures(ServerOptions options, Telemetry telemetry, ILogger<Failures> logger)
{
    /// <summary>What stands for the data directory in texts for clients.</summary>
    internal const string Data = "DATA";

    /// <summary>The error to tell a client, which is counted. One that nobody thought of is logged, and says no more than that.</summary>
    /// <param name="cause">What happened.</param>
    /// <param name="requestId">The id that the client knows the call by.</param>
    internal AgbException Tell(Exception cause, string requestId)
    {
        var error = cause is AgbException known ? Outward(known, requestId)
            : Exhaustion.Is(cause) ? Outward(AgbErrors.HostExhausted("this call", cause.Message, cause), requestId)
            : Unexpected(cause, requestId);
        telemetry.Failed(error.ErrorId);
        return error;
    }

    /// <summary>A text for a client, which has no business with where the server keeps its data.</summary>
    internal string Hide(string text) => text.Replace(options.DataDirectory, Data, StringComparison.Ordinal);

    private AgbException Outward(AgbException thrown, string requestId)
    {
        var advice = ClientWords.Of(thrown.Remedy);
        var error = advice == thrown.Remedy ? thrown
            : new AgbException(thrown.ErrorId, thrown.Kind, thrown.Message, advice, thrown.Target, thrown) { RetryAfter = thrown.RetryAfter };
        if (!Names(error.Message) && !Names(error.Remedy) && !Names(error.Target as string))
        {
            return error;
        }
        LogHidden(requestId, error.Message);
        return new AgbException(
            error.ErrorId, error.Kind, Hide(error.Message), error.Remedy is { } remedy ? Hide(remedy) : null,
            error.Target is string target ? Hide(target) : error.Target, error)
        {
            RetryAfter = error.RetryAfter,
        };
    }

    private bool Names(string? text) => text?.Contains(options.DataDirectory, StringComparison.Ordinal) == true;

    // Its text may hold anything, so only the log has it.
    private AgbException Unexpected(Exception cause, string requestId)
    {
        LogUnexpected(requestId, cause);
        return new AgbException(
            AgbErrorIds.UnexpectedError, AgbErrorKind.Failed, "The server failed in a way that nobody expected.",
            $"Its log has the reason, under the request id {requestId}.", inner: cause);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The request {RequestId} failed in a way that nobody expected.")]
    private partial void LogUnexpected(string requestId, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The request {RequestId} failed, and its client is not told where: {Message}")]
    private partial void LogHidden(string requestId, string message);
}
