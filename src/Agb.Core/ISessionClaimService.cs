namespace Agb;

/// <summary>What a service can do beside <see cref="IAgbService"/> that makes sessions for clients of its process: end those of which no client
/// was told, because the process died first.</summary>
public interface ISessionClaimService
{
    /// <summary>Says that a session's client has been told of it. Until then the session ends with this process.</summary>
    /// <param name="sessionId">The session; of one that is claimed, or not known, nothing is done.</param>
    void ClaimSession(string sessionId);
}
