namespace Agb.Engine;

/// <content>Desktops of sessions.</content>
public sealed partial class EmbeddedService
{
    /// <inheritdoc/>
    public Task<AgbScreen> GetScreenAsync(SessionId sessionId, CancellationToken cancellationToken = default) =>
        ChangeAsync("reading a screen", () => _desktops.ScreenAsync(sessionId, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<AgbScreenshot> TakeScreenshotAsync(
        SessionId sessionId, AgbPictureFormat format = AgbPictureFormat.Png, CancellationToken cancellationToken = default) =>
        ChangeAsync("taking a picture of a screen", () => _desktops.ScreenshotAsync(sessionId, format, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task SendMouseAsync(SessionId sessionId, AgbMouseAction action, CancellationToken cancellationToken = default) =>
        DoAsync("using the mouse", () => _desktops.MouseAsync(sessionId, action, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task SendKeysAsync(SessionId sessionId, AgbKeyAction action, CancellationToken cancellationToken = default) =>
        DoAsync("using the keyboard", () => _desktops.KeysAsync(sessionId, action, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<AgbWindow>> ListWindowsAsync(SessionId sessionId, CancellationToken cancellationToken = default) =>
        ChangeAsync("listing windows", () => _desktops.WindowsAsync(sessionId, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task ChangeWindowAsync(SessionId sessionId, AgbWindowChange change, CancellationToken cancellationToken = default) =>
        DoAsync("changing a window", () => _desktops.ChangeAsync(sessionId, change, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task SetFocusModeAsync(SessionId sessionId, bool isOn, CancellationToken cancellationToken = default) =>
        DoAsync("switching focus mode", () => _desktops.FocusAsync(sessionId, isOn, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<AgbApp>> ListAppsAsync(SessionId sessionId, CancellationToken cancellationToken = default) =>
        ChangeAsync("listing apps", () => _desktops.AppsAsync(sessionId, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<AgbAppProcess>> StartAppAsync(
        SessionId sessionId, string command, string? workingDirectory = null, CancellationToken cancellationToken = default) =>
        ChangeAsync("starting an app", () => _desktops.StartAsync(sessionId, command, workingDirectory, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<AgbAppProcess>> ListAppProcessesAsync(SessionId sessionId, CancellationToken cancellationToken = default) =>
        ChangeAsync("listing running apps", () => _desktops.ProcessesAsync(sessionId, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task StopAppAsync(SessionId sessionId, int processId, CancellationToken cancellationToken = default) => DoAsync(
        "stopping an app",
        () => _desktops.StopAsync(sessionId, p => p.ProcessId == processId, processId, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task StopAppsAsync(SessionId sessionId, string processName, CancellationToken cancellationToken = default) => DoAsync(
        "stopping apps",
        () => _desktops.StopAsync(sessionId, p => p.Name == processName, processName, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<IAgbDesktopView> OpenDesktopViewAsync(
        SessionId sessionId, AgbDesktopViewMode mode, CancellationToken cancellationToken = default) =>
        ChangeAsync("opening a view of a desktop", () => _views.OpenAsync(sessionId, mode, cancellationToken), cancellationToken);
}
