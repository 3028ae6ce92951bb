namespace Agb.Cloud;

/// <content>Browsers and desktops, by the AGB API with every kind of service.</content>
public sealed partial class AgbCloudService : IBrowserService, IDesktopService
{
    private readonly BrowserCalls _browsers;
    private readonly DesktopCalls _desktops;

    /// <inheritdoc/>
    public async Task<AgbBrowser> StartBrowserAsync(SessionId sessionId, AgbBrowserRequest request, CancellationToken cancellationToken = default)
    {
        RequireSession(sessionId);
        var valid = BrowserRules.Browser(request);
        if (await FindAsync(cancellationToken).ConfigureAwait(false) is AgbApiService
            && (valid.TimeZone is not null ? "time zone" : valid.DownloadDirectory is not null ? "download directory" : valid.Extensions.Count > 0 ? "extensions" : valid.Proxy?.Bypass is not null ? "proxy bypass" : null) is { } missing)
        {
            throw AgbErrors.NotSupported(Name, $"the browser option '{missing}'");
        }
        return await _browsers.StartAsync(sessionId, valid, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<AgbBrowser> GetBrowserAsync(SessionId sessionId, CancellationToken cancellationToken = default) =>
        OnSessionAsync(sessionId, () => _browsers.GetAsync(sessionId, cancellationToken));

    /// <inheritdoc/>
    public Task StopBrowserAsync(SessionId sessionId, CancellationToken cancellationToken = default) =>
        OnSessionAsync(sessionId, () => _browsers.StopAsync(sessionId, cancellationToken));

    /// <inheritdoc/>
    public Task<AgbScreen> GetScreenAsync(SessionId sessionId, CancellationToken cancellationToken = default) =>
        OnSessionAsync(sessionId, () => _desktops.GetScreenAsync(sessionId, cancellationToken));

    /// <inheritdoc/>
    public Task<AgbScreenshot> TakeScreenshotAsync(
        SessionId sessionId, AgbPictureFormat format = AgbPictureFormat.Png, CancellationToken cancellationToken = default) =>
        OnSessionAsync(sessionId, () => _desktops.TakeScreenshotAsync(sessionId, format, cancellationToken));

    /// <inheritdoc/>
    public Task SendMouseAsync(SessionId sessionId, AgbMouseAction action, CancellationToken cancellationToken = default) =>
        OnSessionAsync(sessionId, () => _desktops.SendMouseAsync(sessionId, action, cancellationToken));

    /// <inheritdoc/>
    public Task SendKeysAsync(SessionId sessionId, AgbKeyAction action, CancellationToken cancellationToken = default) =>
        OnSessionAsync(sessionId, () => _desktops.SendKeysAsync(sessionId, action, cancellationToken));

    /// <inheritdoc/>
    public Task<IReadOnlyList<AgbWindow>> ListWindowsAsync(SessionId sessionId, CancellationToken cancellationToken = default) =>
        OnSessionAsync(sessionId, () => _desktops.ListWindowsAsync(sessionId, cancellationToken));

    /// <inheritdoc/>
    public async Task ChangeWindowAsync(SessionId sessionId, AgbWindowChange change, CancellationToken cancellationToken = default)
    {
        RequireSession(sessionId);
        if (change.Action == AgbWindowAction.Move && await FindAsync(cancellationToken).ConfigureAwait(false) is AgbApiService)
        {
            throw AgbErrors.NotSupported(Name, "moving windows");
        }
        await _desktops.ChangeWindowAsync(sessionId, change, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task SetFocusModeAsync(SessionId sessionId, bool isOn, CancellationToken cancellationToken = default) =>
        OnSessionAsync(sessionId, () => _desktops.SetFocusModeAsync(sessionId, isOn, cancellationToken));

    /// <inheritdoc/>
    public Task<IReadOnlyList<AgbApp>> ListAppsAsync(SessionId sessionId, CancellationToken cancellationToken = default) =>
        OnSessionAsync(sessionId, () => _desktops.ListAppsAsync(sessionId, cancellationToken));

    /// <inheritdoc/>
    public Task<IReadOnlyList<AgbAppProcess>> StartAppAsync(
        SessionId sessionId, string command, string? workingDirectory = null, CancellationToken cancellationToken = default) =>
        OnSessionAsync(sessionId, () => _desktops.StartAppAsync(sessionId, command, workingDirectory, cancellationToken));

    /// <inheritdoc/>
    public Task<IReadOnlyList<AgbAppProcess>> ListAppProcessesAsync(SessionId sessionId, CancellationToken cancellationToken = default) =>
        OnSessionAsync(sessionId, () => _desktops.ListAppProcessesAsync(sessionId, cancellationToken));

    /// <inheritdoc/>
    public Task StopAppAsync(SessionId sessionId, int processId, CancellationToken cancellationToken = default) =>
        OnSessionAsync(sessionId, () => _desktops.StopAppAsync(sessionId, processId, cancellationToken));

    /// <inheritdoc/>
    public Task StopAppsAsync(SessionId sessionId, string processName, CancellationToken cancellationToken = default) =>
        OnSessionAsync(sessionId, () => _desktops.StopAppsAsync(sessionId, processName, cancellationToken));

    // Async, so that a refusal is an error of the task.
    private static async Task<T> OnSessionAsync<T>(SessionId sessionId, Func<Task<T>> call)
    {
        RequireSession(sessionId);
        return await call().ConfigureAwait(false);
    }

    private static async Task OnSessionAsync(SessionId sessionId, Func<Task> call)
    {
        RequireSession(sessionId);
        await call().ConfigureAwait(false);
    }
}
