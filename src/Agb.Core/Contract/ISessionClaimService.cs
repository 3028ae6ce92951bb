namespace Agb;

/// <summary>Optional part of an <see cref="IAgbService"/> with sessions for clients of its process: ends the sessions unknown to
/// any client after the death of the process.</summary>
public interface ISessionClaimService
{
    /// <summary>Records that the client knows its session. Before the claim, the session ends with this process.</summary>
    /// <param name="sessionId">The session. A claimed or unknown session is ignored.</param>
    /// <exception cref="IOException">The mark of an unclaimed session could not be removed; the session still ends with this
    /// process.</exception>
    void ClaimSession(SessionId sessionId);
}
