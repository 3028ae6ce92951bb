using System.Text;

namespace Agb.Engine.Tests.Sandbox;

/// <summary>A test with an engine directory of its own. Whatever it starts is ended and removed, also when it fails.</summary>
public abstract class SandboxTest : IAsyncLifetime
{
    private readonly List<TestSession> _sessions = [];

    internal static readonly AgbImage CodeImage = ImageCatalog.Load("/nonexistent").Get("agb-code-space-1");

    /// <summary>The engine's directory, which nobody else may enter.</summary>
    protected string Home { get; } = Path.Combine(Path.GetTempPath(), $"agb-test-{Guid.NewGuid():n}");

    private protected BubblewrapDriver Driver { get; private set; } = null!;

    /// <summary>Ends when the test is cancelled.</summary>
    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <inheritdoc/>
    public virtual ValueTask InitializeAsync()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Skip("Sandboxes need Linux.");
        }
        if (HostTools.Missing() is { Count: > 0 } missing)
        {
            Assert.Skip($"This host lacks: {string.Join(", ", missing)}.");
        }
        Directory.CreateDirectory(Home);
        ProcessFiles.SetMode(Home, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Driver = new BubblewrapDriver(Home, TimeProvider.System);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var session in _sessions)
        {
            await Driver.CleanUpAsync(session.Directory, CancellationToken.None);
        }
        DeleteTree(Home);
        GC.SuppressFinalize(this);
    }

    /// <summary>Makes a session's directory, as the engine does before it starts the sandbox.</summary>
    internal TestSession NewSession(
        AgbImage? image = null,
        AgbNetwork network = AgbNetwork.Host,
        bool overlay = true,
        TimeSpan? lifetime = null,
        AgbSessionLimits? limits = null,
        params SandboxMount[] mounts)
    {
        var id = $"s-test{_sessions.Count}-{Guid.NewGuid():n}";
        var directory = Path.Combine(Home, "sessions", id);
        Directory.CreateDirectory(directory);
        var session = new TestSession(Driver, new SandboxSpec
        {
            SessionId = id,
            SessionDirectory = directory,
            AgbHome = Home,
            Image = image ?? CodeImage,
            Network = network,
            Mounts = mounts,
            UseOverlay = overlay,
            MaxLifetime = lifetime,
            Limits = limits ?? AgbSessionLimits.None,
        });
        _sessions.Add(session);
        return session;
    }

    /// <summary>Starts a session.</summary>
    internal async Task<TestSession> StartAsync(
        AgbImage? image = null,
        AgbNetwork network = AgbNetwork.Host,
        bool? overlay = null,
        TimeSpan? lifetime = null,
        AgbSessionLimits? limits = null,
        params SandboxMount[] mounts)
    {
        var session = NewSession(image, network, overlay ?? await HostProbe.CanOverlayAsync(Home, Token), lifetime, limits, mounts);
        await session.StartAsync();
        return session;
    }

    /// <summary>Skips the test where overlays can't be mounted.</summary>
    protected async Task RequireOverlayAsync()
    {
        var verdict = await HostProbe.GetAsync(Home, fresh: false, Token);
        Assert.SkipUnless(verdict.OverlayError is null, $"Overlays can't be mounted here: {verdict.OverlayError}");
    }

    /// <summary>Deletes a tree, with the directories without permissions that overlays leave.</summary>
    internal static void DeleteTree(string path) => TreeRemover.Remove(path);
}

/// <summary>A session of a test.</summary>
internal sealed class TestSession(BubblewrapDriver driver, SandboxSpec spec)
{
    private SandboxHandle? _handle;

    public SandboxSpec Spec => spec;

    public string Directory => spec.SessionDirectory;

    public SandboxHandle Handle => _handle ?? throw new InvalidOperationException("The session was not started.");

    public async Task StartAsync() => _handle = await driver.StartAsync(spec, TestContext.Current.CancellationToken);

    /// <summary>Runs a command, whatever its outcome.</summary>
    public Task<CommandOutcome> RunAsync(AgbCommandRequest request, CancellationToken? cancellationToken = null) =>
        driver.RunAsync(Handle, spec.Image, request, output: null, cancellationToken ?? TestContext.Current.CancellationToken);

    /// <summary>Runs a command, whatever its outcome.</summary>
    public Task<CommandOutcome> RunAsync(string command) => RunAsync(new AgbCommandRequest { Command = command });

    /// <summary>Runs a command that must succeed and returns its stdout without the last newline.</summary>
    public async Task<string> OutputAsync(string command)
    {
        var outcome = await RunAsync(command);
        outcome.ExitCode.ShouldBe(0, $"{command}\n{outcome.Text()}{outcome.ErrorText()}");
        return outcome.Text().TrimEnd('\n');
    }

    /// <summary>Runs a command that must fail and returns its stderr.</summary>
    public async Task<string> FailureAsync(string command)
    {
        var outcome = await RunAsync(command);
        outcome.ExitCode.ShouldNotBe(0, $"{command}\n{outcome.Text()}");
        return outcome.ErrorText();
    }

    /// <summary>Waits until a condition in the session holds. The command's own time limit bounds it.</summary>
    public async Task WaitUntilAsync(string condition) =>
        (await RunAsync(new AgbCommandRequest { Command = $"until {condition}; do sleep 0.02; done", Timeout = TimeSpan.FromSeconds(20) }))
            .TimedOut.ShouldBeFalse($"never held: {condition}");
}

/// <summary>Readings of outcomes.</summary>
internal static class OutcomeText
{
    public static string Text(this CommandOutcome outcome) => Encoding.UTF8.GetString(outcome.Stdout);

    public static string ErrorText(this CommandOutcome outcome) => Encoding.UTF8.GetString(outcome.Stderr);
}
