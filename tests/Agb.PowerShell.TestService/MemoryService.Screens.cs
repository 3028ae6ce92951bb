using System.Collections.Concurrent;

namespace Agb.PowerShell.TestService;

/// <content>Browsers and desktops.</content>
public sealed partial class MemoryService : IBrowserService, IDesktopService
{
    private readonly ConcurrentDictionary<string, AgbBrowserRequest> _browsers = new();

    /// <summary>The address of every browser.</summary>
    public string BrowserEndpoint { get; set; } = "ws://127.0.0.1:1/devtools/browser/none";

    /// <summary>Whether sessions have a desktop.</summary>
    public bool HasDesktop { get; set; } = true;

    /// <summary>The bytes of each screenshot of a desktop.</summary>
    public byte[] Picture { get; set; } = "picture"u8.ToArray();

    /// <summary>The windows of every desktop.</summary>
    public List<(long Id, string Title)> Windows { get; } = [(11, "Terminal"), (22, "Page - Chromium")];

    /// <summary>The options that the browser of a session was started with.</summary>
    public AgbBrowserRequest? BrowserOf(string sessionId) => _browsers.GetValueOrDefault(sessionId);

    /// <inheritdoc/>
    public Task<AgbBrowser> StartBrowserAsync(SessionId sessionId, AgbBrowserRequest request, CancellationToken cancellationToken = default)
    {
        Find(sessionId);
        Calls.Enqueue($"StartBrowser {sessionId}");
        _browsers[sessionId] = request;
        return GetBrowserAsync(sessionId, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<AgbBrowser> GetBrowserAsync(SessionId sessionId, CancellationToken cancellationToken = default)
    {
        Find(sessionId);
        return _browsers.TryGetValue(sessionId, out var request)
            ? Task.FromResult(new AgbBrowser
            {
                Service = this, SessionId = sessionId, Endpoint = BrowserEndpoint, Version = "Chrome/156.0.1", Extensions = request.Extensions,
            })
            : throw new AgbException(AgbErrorIds.BrowserNotRunning, AgbErrorKind.InvalidState, "The browser does not run.");
    }

    /// <inheritdoc/>
    public Task StopBrowserAsync(SessionId sessionId, CancellationToken cancellationToken = default)
    {
        Find(sessionId);
        Calls.Enqueue($"StopBrowser {sessionId}");
        _browsers.TryRemove(sessionId, out _);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<AgbScreen> GetScreenAsync(SessionId sessionId, CancellationToken cancellationToken = default) =>
        OnDesktop(sessionId, "GetScreen", new AgbScreen { Width = 1920, Height = 1080, CursorX = 7, CursorY = 9 });

    /// <inheritdoc/>
    public Task<AgbScreenshot> TakeScreenshotAsync(
        SessionId sessionId, AgbPictureFormat format = AgbPictureFormat.Png, CancellationToken cancellationToken = default) =>
        OnDesktop(sessionId, $"TakeScreenshot {format}", new AgbScreenshot { Bytes = Picture, Format = format, Width = 1920, Height = 1080 });

    /// <inheritdoc/>
    public Task SendMouseAsync(SessionId sessionId, AgbMouseAction action, CancellationToken cancellationToken = default) => OnDesktop(
        sessionId,
        $"SendMouse {action.X},{action.Y} {action.Clicks} {action.Button} {action.DragTo} {action.Scroll}{(action.Scroll is null ? "" : action.ScrollSteps)}", true);

    /// <inheritdoc/>
    public Task SendKeysAsync(SessionId sessionId, AgbKeyAction action, CancellationToken cancellationToken = default) =>
        OnDesktop(sessionId, $"SendKeys {action.Text ?? string.Join('+', action.Keys)} {action.Press}", true);

    /// <inheritdoc/>
    public Task<IReadOnlyList<AgbWindow>> ListWindowsAsync(SessionId sessionId, CancellationToken cancellationToken = default) => OnDesktop<IReadOnlyList<AgbWindow>>(
        sessionId, "ListWindows",
        [.. Windows.Select(w => new AgbWindow
        {
            Service = this, SessionId = sessionId, WindowId = w.Id, Title = w.Title, Width = 800, Height = 600, X = 10, Y = 20, ProcessId = 100 + (int)w.Id,
            ProcessName = "app", IsActive = w.Id == 22,
        })]);

    /// <inheritdoc/>
    public Task ChangeWindowAsync(SessionId sessionId, AgbWindowChange change, CancellationToken cancellationToken = default) =>
        Windows.Any(w => w.Id == change.WindowId)
            ? OnDesktop(sessionId, $"ChangeWindow {change.WindowId} {change.Action} {change.Size}{change.Position}", true)
            : throw new AgbException(AgbErrorIds.WindowNotFound, AgbErrorKind.NotFound, "No such window.");

    /// <inheritdoc/>
    public Task SetFocusModeAsync(SessionId sessionId, bool isOn, CancellationToken cancellationToken = default) => OnDesktop(sessionId, "SetFocusMode", isOn);

    /// <inheritdoc/>
    public Task<IReadOnlyList<AgbApp>> ListAppsAsync(SessionId sessionId, CancellationToken cancellationToken = default) => OnDesktop<IReadOnlyList<AgbApp>>(
        sessionId, "ListApps",
        [
            new AgbApp { Service = this, SessionId = sessionId, Name = "Google Chrome", StartCommand = "chromium" },
            new AgbApp { Service = this, SessionId = sessionId, Name = "Terminal", StartCommand = "xterm -ls" },
        ]);

    /// <inheritdoc/>
    public Task<IReadOnlyList<AgbAppProcess>> StartAppAsync(
        SessionId sessionId, string command, string? workingDirectory = null, CancellationToken cancellationToken = default) =>
        OnDesktop(sessionId, $"StartApp {command} {workingDirectory}".TrimEnd(), Processes(sessionId, command));

    /// <inheritdoc/>
    public Task<IReadOnlyList<AgbAppProcess>> ListAppProcessesAsync(SessionId sessionId, CancellationToken cancellationToken = default) =>
        OnDesktop(sessionId, "ListAppProcesses", Processes(sessionId, "xterm -ls"));

    /// <inheritdoc/>
    public Task StopAppAsync(SessionId sessionId, int processId, CancellationToken cancellationToken = default) => OnDesktop(sessionId, $"StopApp {processId}", true);

    /// <inheritdoc/>
    public Task StopAppsAsync(SessionId sessionId, string processName, CancellationToken cancellationToken = default) =>
        OnDesktop(sessionId, $"StopApps {processName}", true);

    private IReadOnlyList<AgbAppProcess> Processes(string sessionId, string command) =>
        [new AgbAppProcess { Service = this, SessionId = sessionId, ProcessId = 111, Name = command.Split(' ')[0], CommandLine = command }];

    private Task<T> OnDesktop<T>(SessionId sessionId, string call, T result)
    {
        Find(sessionId);
        if (!HasDesktop)
        {
            throw AgbErrors.NotSupported(Name, "desktops");
        }
        Calls.Enqueue(call);
        return Task.FromResult(result);
    }
}
