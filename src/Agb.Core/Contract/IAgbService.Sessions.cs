namespace Agb;

/// <content>Session operations missing from some services: the default of each throws NotSupported.</content>
public partial interface IAgbService
{
    /// <summary>Replaces all labels of a session.</summary>
    /// <returns>The session with its new labels.</returns>
    /// <exception cref="AgbException">SessionNotFound, InvalidLabel.</exception>
    Task<AgbSession> SetSessionLabelsAsync(
        string sessionId, IReadOnlyDictionary<string, string> labels, CancellationToken cancellationToken = default) =>
        Task.FromException<AgbSession>(AgbErrors.NotSupported(Name, "changing labels"));

    /// <summary>Restarts the idle time of a session.</summary>
    /// <exception cref="AgbException">SessionNotFound.</exception>
    Task<AgbSession> KeepSessionAliveAsync(string sessionId, CancellationToken cancellationToken = default) =>
        Task.FromException<AgbSession>(AgbErrors.NotSupported(Name, "keeping sessions alive"));

    /// <summary>Gets the address of a session's TCP port, as seen from the caller.</summary>
    /// <param name="sessionId">The session.</param>
    /// <param name="port">The port, 1 to 65535.</param>
    /// <param name="scheme"><c>http</c>, <c>https</c>, <c>ws</c> or <c>wss</c>; null for the service's choice.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="AgbException">SessionNotFound, SessionNotRunning, InvalidSessionOption.</exception>
    Task<Uri> GetSessionLinkAsync(
        string sessionId, int port, string? scheme = null, CancellationToken cancellationToken = default) =>
        Task.FromException<Uri>(AgbErrors.NotSupported(Name, "links into sessions"));

    /// <summary>Runs code in a session and waits for it. Cancellation ends the code.</summary>
    /// <exception cref="AgbException">SessionNotFound, SessionNotRunning, InvalidCode, LanguageNotFound.</exception>
    Task<AgbCodeResult> RunCodeAsync(string sessionId, AgbCodeRequest request, CancellationToken cancellationToken = default) =>
        Task.FromException<AgbCodeResult>(AgbErrors.NotSupported(Name, "running code"));

    /// <summary>Plans a sync without any change. The sync may differ if content changes meanwhile.</summary>
    /// <exception cref="AgbException">As for <see cref="StartSyncAsync"/>.</exception>
    Task<IReadOnlyList<AgbSyncPlanItem>> PlanSyncAsync(
        string sessionId, AgbSyncRequest request, CancellationToken cancellationToken = default) =>
        Task.FromException<IReadOnlyList<AgbSyncPlanItem>>(AgbErrors.NotSupported(Name, "plans of a sync"));
}
