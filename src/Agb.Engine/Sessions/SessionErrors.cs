namespace Agb.Engine.Sessions;

/// <summary>Errors about a session's state.</summary>
internal static class SessionErrors
{
    internal static AgbException NotRunning(AgbSession session) => new(
        AgbErrorIds.SessionNotRunning, AgbErrorKind.InvalidState,
        $"The session '{session.SessionId}' is {session.Status}, not Running.{(session.FailureReason is null ? "" : " " + session.FailureReason)}",
        session.Status == AgbSessionStatus.Failed
            ? "Upload what it changed with Sync-AgbContext if that is wanted, remove it with Remove-AgbSession, and create another."
            : "Wait for it with Wait-AgbSession, or create another session.",
        session.SessionId);
}
