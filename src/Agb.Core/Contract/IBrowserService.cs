namespace Agb;

/// <summary>Optional part of an <see cref="IAgbService"/>: browsers in sessions, driven by the Chrome DevTools Protocol (CDP). A
/// service without this interface has none.</summary>
public interface IBrowserService
{
    /// <summary>Starts the browser of a session, and returns when it answers and its extensions are loaded. A running browser with
    /// the same options is kept; with other options it is closed and started anew.</summary>
    /// <exception cref="AgbException">InvalidBrowserOption, BrowserStartFailed, HostNotReady, SessionNotFound, SessionNotRunning,
    /// SessionExpired; NotSupported for an image without a browser.</exception>
    Task<AgbBrowser> StartBrowserAsync(SessionId sessionId, AgbBrowserRequest request, CancellationToken cancellationToken = default);

    /// <summary>Gets the running browser of a session.</summary>
    /// <exception cref="AgbException">BrowserNotRunning, SessionNotFound, SessionNotRunning, SessionExpired; NotSupported for an
    /// image without a browser.</exception>
    Task<AgbBrowser> GetBrowserAsync(SessionId sessionId, CancellationToken cancellationToken = default);

    /// <summary>Closes the browser of a session properly: it stores cookies first. Without a running browser, does nothing.</summary>
    /// <exception cref="AgbException">SessionNotFound, SessionNotRunning, SessionExpired; NotSupported for an image without a
    /// browser.</exception>
    Task StopBrowserAsync(SessionId sessionId, CancellationToken cancellationToken = default);
}
