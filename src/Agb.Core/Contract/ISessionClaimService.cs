namespace Agb;

/// <summary>Optional part of an <see cref="IAgbService"/> with sessions for clients of its process: ends the sessions unknown to
/// any client after the death of the process.</summary>
public interface ISessionClaimService
{
    /// <summary>Records that the client knows its session. Before the claim, the session ends with this process.</summary>
    /// <param name="sessionId">The session. A claimed or unknown session is ignored.</param>
    void ClaimSession(SessionId sessionId);
}
