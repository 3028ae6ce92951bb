using System.Text.RegularExpressions;

namespace Agb.Engine.Tests.Desktops;

/// <summary>One session with a desktop for the tests of several classes. Each test closes its windows.</summary>
public sealed class DesktopFixture : IAsyncLifetime
{
    private EmbeddedService? _service;
    private AgbSession? _session;

    /// <summary>The image of desktops.</summary>
    public const string ImageId = "agb-computer-use-ubuntu-2204";

    /// <summary>The home directory.</summary>
    public TemporaryHome Home { get; } = new();

    /// <summary>Why desktops can't run here, or null.</summary>
    public string? SkipReason { get; private set; }

    /// <summary>The service.</summary>
    public EmbeddedService Service => _service!;

    /// <summary>The session.</summary>
    public AgbSession Session => _session!;

    /// <summary>Why this host has no desktops, or null.</summary>
    public static async Task<string?> WhyNotAsync(TemporaryHome home) =>
        await home.WhyNotAsync(needsOverlay: false) ?? (ImageNeeds.Missing(ImageCatalog.BuiltIn.Get(ImageId)) is { Count: > 0 } missing
            ? $"This host lacks programs of desktops: {string.Join(", ", missing)}."
            : OwnNetwork.Missing());

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        SkipReason = await WhyNotAsync(Home);
        if (SkipReason is null)
        {
            _service = EmbeddedService.Open(new EmbeddedOptions { HomeDirectory = Home.Path });
            _session = await _service.CreateSessionAsync(new AgbSessionRequest { ImageId = ImageId });
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_session is not null)
        {
            await Service.RemoveSessionAsync(_session, AgbReleaseMode.Discard);
        }
        _service?.Dispose();
        await LeftSandboxes.EndAsync(Home.Root);
        Home.Delete();
    }
}

/// <summary>The tests of desktops share one session.</summary>
[CollectionDefinition(nameof(DesktopFixture))]
public sealed class DesktopCollection : ICollectionFixture<DesktopFixture>;

/// <summary>A test of desktops.</summary>
[Collection(nameof(DesktopFixture))]
public abstract partial class DesktopTest(DesktopFixture fixture) : IAsyncLifetime
{
    /// <summary>Ends when the test run is cancelled.</summary>
    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The service.</summary>
    protected IDesktopService Desktops => fixture.Service;

    /// <summary>The session.</summary>
    protected AgbSession Session => fixture.Session;

    /// <inheritdoc/>
    public ValueTask InitializeAsync()
    {
        Assert.SkipWhen(fixture.SkipReason is not null, fixture.SkipReason ?? "");
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (fixture.SkipReason is null)
        {
            foreach (var process in await Desktops.ListAppProcessesAsync(Session))
            {
                await ShellAsync($"kill -KILL {process.ProcessId}; while [ -d /proc/{process.ProcessId} ]; do sleep 0.01; done");
            }
        }
        GC.SuppressFinalize(this);
    }

    /// <summary>Runs a command that must succeed.</summary>
    /// <returns>Its stdout without the last newline.</returns>
    protected async Task<string> ShellAsync(string command)
    {
        var result = await fixture.Service.RunCommandAsync(Session, new AgbCommandRequest { Command = command });
        result.Success.ShouldBeTrue($"exit code {result.ExitCode} of: {command}\n{result.Output}");
        return result.Stdout.TrimEnd('\n');
    }

    /// <summary>Opens a terminal that runs a command.</summary>
    /// <returns>Its window.</returns>
    protected async Task<AgbWindow> OpenAsync(string title, string command = "sleep 600", string options = "")
    {
        var started = await Desktops.StartAppAsync(Session, $"xterm -T '{title}' {options} -e sh -c '{command}'", cancellationToken: Token);
        return (await Desktops.ListWindowsAsync(Session, Token)).Single(w => w.ProcessId == started.ShouldHaveSingleItem().ProcessId);
    }

    /// <summary>The window as it is now.</summary>
    protected async Task<AgbWindow> FindAsync(AgbWindow window) =>
        (await Desktops.ListWindowsAsync(Session, Token)).Single(w => w.WindowId == window.WindowId);

    /// <summary>Changes a window.</summary>
    protected Task ChangeAsync(AgbWindow window, AgbWindowAction action, AgbPixelSize? size = null, (int X, int Y)? position = null) =>
        Desktops.ChangeWindowAsync(Session, new AgbWindowChange(window.WindowId, action) { Size = size, Position = position }, Token);

    /// <summary>Opens a window that records its events; they are read by <see cref="EventsAsync"/>.</summary>
    protected async Task<AgbWindow> RecordAsync()
    {
        var started = await Desktops.StartAppAsync(Session, "exec stdbuf -oL xev -geometry 600x400+200+200 -event mouse -event keyboard > /tmp/events", cancellationToken: Token);
        var window = (await Desktops.ListWindowsAsync(Session, Token)).Single(w => w.Title == "Event Tester");
        started.ShouldHaveSingleItem();
        await ChangeAsync(window, AgbWindowAction.Activate);
        return window;
    }

    /// <summary>Takes recorded events, in words: <c>ButtonPress 1</c>, <c>KeyPress a</c>.</summary>
    /// <param name="count">How many to wait for.</param>
    protected async Task<string[]> EventsAsync(int count)
    {
        string[] events = [];
        await Eventually.HoldsAsync($"there are {count} events", async () =>
        {
            // A moment for more than expected.
            var text = await ShellAsync("sleep 0.2; cat /tmp/events");
            events = [.. Event().Matches(text).Select(m => $"{m.Groups["kind"].Value} {m.Groups["what"].Value}")];
            return events.Length >= count;
        });
        await ShellAsync(": > /tmp/events");
        return events;
    }

    /// <summary>Asserts that a call fails with a stable id.</summary>
    protected static async Task<AgbException> FailsAsync(string errorId, Func<Task> call)
    {
        var error = await Should.ThrowAsync<AgbException>(async () => await call());
        error.ErrorId.ShouldBe(errorId, error.Message);
        return error;
    }

    [GeneratedRegex(@"(?<kind>(Key|Button)(Press|Release)) event[^()]*\([^()]*\), root:[^ ]* *\n[^\n]*?(button (?<what>\d+)|keysym 0x[0-9a-f]+, (?<what>[A-Za-z0-9_]+)\))")]
    private static partial Regex Event();
}
