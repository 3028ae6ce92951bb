namespace Agb;

/// <summary>Optional part of an <see cref="IAgbService"/>: the desktop of a session, a screen with windows, a mouse and a keyboard.
/// A service without this interface has none.</summary>
/// <remarks>Each method throws SessionNotFound, SessionNotRunning, SessionExpired, DesktopFailed, and NotSupported for an image
/// without a desktop.</remarks>
public interface IDesktopService
{
    /// <summary>Gets the size of the screen and the position of the mouse.</summary>
    /// <exception cref="AgbException">DesktopFailed, and the errors of every method.</exception>
    Task<AgbScreen> GetScreenAsync(SessionId sessionId, CancellationToken cancellationToken = default);

    /// <summary>Takes a picture of the whole screen.</summary>
    /// <exception cref="AgbException">DesktopFailed, and the errors of every method.</exception>
    Task<AgbScreenshot> TakeScreenshotAsync(
        SessionId sessionId, AgbPictureFormat format = AgbPictureFormat.Png, CancellationToken cancellationToken = default);

    /// <summary>Moves the mouse, and presses, drags or scrolls. Returns when the desktop has it.</summary>
    /// <exception cref="AgbException">InvalidDesktopAction, and the errors of every method.</exception>
    Task SendMouseAsync(SessionId sessionId, AgbMouseAction action, CancellationToken cancellationToken = default);

    /// <summary>Types text, or presses keys. Returns when the desktop has it.</summary>
    /// <exception cref="AgbException">InvalidDesktopAction for an unknown key, and the errors of every method.</exception>
    Task SendKeysAsync(SessionId sessionId, AgbKeyAction action, CancellationToken cancellationToken = default);

    /// <summary>Lists the windows, topmost last.</summary>
    /// <exception cref="AgbException">DesktopFailed, and the errors of every method.</exception>
    Task<IReadOnlyList<AgbWindow>> ListWindowsAsync(SessionId sessionId, CancellationToken cancellationToken = default);

    /// <summary>Changes a window, and returns when it is so: active, gone, of that size.</summary>
    /// <exception cref="AgbException">WindowNotFound, InvalidDesktopAction, and the errors of every method.</exception>
    Task ChangeWindowAsync(SessionId sessionId, AgbWindowChange change, CancellationToken cancellationToken = default);

    /// <summary>Switches focus mode: whether new windows leave the active one active.</summary>
    /// <exception cref="AgbException">DesktopFailed, and the errors of every method.</exception>
    Task SetFocusModeAsync(SessionId sessionId, bool isOn, CancellationToken cancellationToken = default);

    /// <summary>Lists the installed apps.</summary>
    /// <exception cref="AgbException">DesktopFailed, and the errors of every method.</exception>
    Task<IReadOnlyList<AgbApp>> ListAppsAsync(SessionId sessionId, CancellationToken cancellationToken = default);

    /// <summary>Starts an app, and returns when its first window is there, or when it has ended.</summary>
    /// <param name="sessionId">The session.</param>
    /// <param name="command">The command line, as in <see cref="AgbApp.StartCommand"/>.</param>
    /// <param name="workingDirectory">The directory; null for the home directory.</param>
    /// <param name="cancellationToken">Cancels the wait; the app goes on.</param>
    /// <returns>The started processes with windows, at least one.</returns>
    /// <exception cref="AgbException">AppNotFound when it can't be started or ends without a window; the errors of every
    /// method.</exception>
    Task<IReadOnlyList<AgbAppProcess>> StartAppAsync(
        SessionId sessionId, string command, string? workingDirectory = null, CancellationToken cancellationToken = default);

    /// <summary>Lists the processes with windows.</summary>
    /// <exception cref="AgbException">DesktopFailed, and the errors of every method.</exception>
    Task<IReadOnlyList<AgbAppProcess>> ListAppProcessesAsync(SessionId sessionId, CancellationToken cancellationToken = default);

    /// <summary>Ends an app by process id.</summary>
    /// <exception cref="AgbException">AppNotFound, and the errors of every method.</exception>
    Task StopAppAsync(SessionId sessionId, int processId, CancellationToken cancellationToken = default);

    /// <summary>Ends all processes of a name.</summary>
    /// <exception cref="AgbException">AppNotFound, and the errors of every method.</exception>
    Task StopAppsAsync(SessionId sessionId, string processName, CancellationToken cancellationToken = default);
}
