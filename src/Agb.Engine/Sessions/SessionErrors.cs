namespace Agb.Engine;

/// <summary>Errors about a session's state.</summary>
internal static class SessionErrors
{
    internal static AgbException NotRunning(AgbSession session) => new(
        AgbErrorIds.SessionNotRunning, AgbErrorKind.InvalidState,
        $"The session '{session.SessionId}' is {session.Status}, not Running.{(session.FailureReason is null ? "" : " " + session.FailureReason)}",
        target: session.SessionId)
    {
        Advice = session.Status == AgbSessionStatus.Failed ? AgbAdvice.ReplaceFailedSession : AgbAdvice.WaitForSession,
    };

    /// <summary>The error for a released session, the same for all callers as long as the catalog remembers the
    /// session.</summary>
    internal static AgbException Released(SessionRow row) =>
        row.End is { } end ? Expired(row, end) : AgbErrors.SessionNotFound(row.Id, row.ReleasedAt);

    /// <summary>The error for an expired session.</summary>
    /// <param name="row">The session.</param>
    /// <param name="end">The reason of its end.</param>
    internal static AgbException Expired(SessionRow row, SessionEnd end)
    {
        var why = end == SessionEnd.Idle
            ? $"it was idle for longer than its idle timeout{(row.IdleTimeout is { } idle ? $" of {idle.TotalSeconds:0.###} s" : "")}"
            : $"its lifetime was over{(row.ExpiresAt is { } over ? $" at {over:u}" : "")}";
        return new AgbException(
            AgbErrorIds.SessionExpired, AgbErrorKind.InvalidState,
            $"The session '{row.Id}' was released{(row.ReleasedAt is { } at ? $" at {at:u}" : "")}: {why}.",
            target: row.Id) { Advice = AgbAdvice.CreateLongerSession };
    }
}
