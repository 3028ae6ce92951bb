using Microsoft.Extensions.Logging;

namespace Agb.Server;

/// <summary>Log messages of the server: event ids 3000 to 3999, described in docs/events.md.</summary>
internal static partial class ServerLog
{
    [LoggerMessage(3001, LogLevel.Information, "{Method} {Route} {Status} {Milliseconds:0.0} ms, owner {Owner}, request {RequestId}")]
    internal static partial void Request(
        this ILogger log, string method, string route, int status, double milliseconds, string? owner, string requestId);

    [LoggerMessage(3002, LogLevel.Information, "{Method} {Route} {Status} {Milliseconds:0.0} ms, owner {Owner}, session {SessionId}, request {RequestId}")]
    internal static partial void SessionRequest(
        this ILogger log, string method, string route, int status, double milliseconds, string? owner, string sessionId, string requestId);

    [LoggerMessage(
        3003, LogLevel.Information,
        "{Method} {Route} {Status} {Milliseconds:0.0} ms, owner {Owner}, session {SessionId}, tool {Tool} {Outcome}, request {RequestId}, client request {ClientRequestId}")]
    internal static partial void ToolRequest(
        this ILogger log, string method, string route, int status, double milliseconds, string? owner, string? sessionId, string tool, string outcome,
        string requestId, string clientRequestId);

    [LoggerMessage(
        3004, LogLevel.Information,
        "{Route} {Milliseconds:0.0} ms, owner {Owner}, session {SessionId}, tool {Tool} {Outcome}, request {RequestId}, client request {ClientRequestId}")]
    internal static partial void SocketCall(
        this ILogger log, string route, double milliseconds, string? owner, string? sessionId, string tool, string outcome, string requestId,
        string? clientRequestId);

    [LoggerMessage(3101, LogLevel.Error, "The request {RequestId} failed unexpectedly.")]
    internal static partial void RequestFailed(this ILogger log, string requestId, Exception exception);

    [LoggerMessage(3102, LogLevel.Warning, "The request {RequestId} failed. Its client got this message without the path: {Message}")]
    internal static partial void PathHidden(this ILogger log, string requestId, string message);

    [LoggerMessage(3103, LogLevel.Error, "A file transfer of the session {SessionId} failed unexpectedly.")]
    internal static partial void TransferFailed(this ILogger log, string sessionId, Exception exception);

    [LoggerMessage(3201, LogLevel.Error, "The keys can't be read; the sessions of their owners are not cleaned up meanwhile.")]
    internal static partial void KeysNotRead(this ILogger log, Exception exception);

    [LoggerMessage(3202, LogLevel.Error, "The store of the owner {OwnerId} can't be opened.")]
    internal static partial void StoreNotOpened(this ILogger log, string ownerId, Exception exception);

    [LoggerMessage(3203, LogLevel.Warning, "The cleanup of the owner {OwnerId}'s sessions failed and will be retried.")]
    internal static partial void OwnerNotCleaned(this ILogger log, string ownerId, Exception exception);

    [LoggerMessage(3204, LogLevel.Warning, "The session {SessionId} could not be released.")]
    internal static partial void SessionNotReleased(this ILogger log, string sessionId, Exception exception);

    [LoggerMessage(3205, LogLevel.Warning, "The server's data about the session {SessionId} could not be removed yet.")]
    internal static partial void SessionDataKept(this ILogger log, string sessionId, Exception exception);

    [LoggerMessage(3301, LogLevel.Warning, "{Limit} failed attempts from {Address} within a minute. Keys not yet accepted from there are refused until the end of the minute.")]
    internal static partial void TooManyFailures(this ILogger log, string address, int limit);

    [LoggerMessage(3302, LogLevel.Warning, "The sessions of the owner {OwnerId} can't be counted; the server's limit ignores them.")]
    internal static partial void SessionsNotCounted(this ILogger log, string ownerId, Exception exception);

    [LoggerMessage(3303, LogLevel.Warning, "The connection {ConnectionId} is refused: {Most} connections are open, the limit.")]
    internal static partial void ConnectionRefused(this ILogger log, string connectionId, int most);

    [LoggerMessage(3304, LogLevel.Warning, "The connection {ConnectionId} is closed without an answer: {Most} connections are open, the limit.")]
    internal static partial void ConnectionClosed(this ILogger log, string connectionId, int most);

    [LoggerMessage(3305, LogLevel.Debug, "The refused connection {ConnectionId} is closed: {Reason}")]
    internal static partial void RefusedConnectionGone(this ILogger log, string connectionId, string reason);
}
