namespace Agb.Sandbox;

/// <summary>Sandboxes made with bubblewrap and util-linux.</summary>
internal sealed class BubblewrapDriver : ISandboxDriver
{
    private readonly string _agbHome;
    private readonly TimeProvider _time;

    /// <summary>Creates the driver.</summary>
    /// <param name="agbHome">The engine's own directory, hidden from all sandboxes.</param>
    /// <param name="time">Measures how long commands take.</param>
    public BubblewrapDriver(string agbHome, TimeProvider time)
    {
        _agbHome = agbHome;
        _time = time;
    }

    /// <summary>The means of suspension.</summary>
    internal Freezers Freezers { get; init; } = Freezers.All;

    /// <inheritdoc/>
    public Task<SandboxHandle> StartAsync(SandboxSpec spec, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var complete = string.IsNullOrEmpty(spec.AgbHome) ? spec with { AgbHome = _agbHome } : spec;
        return ProcessRun.OnThread("agb-start", () => SandboxLauncher.Start(complete, cancellationToken));
    }

    /// <inheritdoc/>
    public void SetLifetime(SandboxHandle handle, TimeSpan? lifetime) => LaunchedProcess.SetLifetime(handle.Launcher!, lifetime);

    /// <inheritdoc/>
    public bool IsAlive(SandboxHandle handle) => handle.IsAlive;

    /// <inheritdoc/>
    public Task<CommandOutcome> RunAsync(
        SandboxHandle handle, AgbImage image, AgbCommandRequest request, IProcessOutput? output, CancellationToken cancellationToken) =>
        CommandRunner.RunAsync(handle, image, request, output, _time, cancellationToken);

    /// <inheritdoc/>
    public Task<IAgbTerminal> OpenTerminalAsync(
        SandboxHandle handle, AgbImage image, AgbTerminalRequest request, CancellationToken cancellationToken) =>
        TerminalRunner.OpenAsync(handle, image, request, cancellationToken);

    /// <inheritdoc/>
    public Task<Stream> ConnectAsync(SandboxHandle handle, int port, CancellationToken cancellationToken) =>
        NamespacePort.ConnectAsync(handle, port, cancellationToken);

    /// <inheritdoc/>
    public ISandboxMounts Mounts { get; } = new SandboxMounts();

    /// <inheritdoc/>
    public Task<bool> EndWritersAsync(SandboxHandle handle, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ProcessRun.OnThread("agb-quota", () => SandboxStopper.EndWriters(handle));
    }

    /// <inheritdoc/>
    public Task SuspendAsync(SandboxHandle handle, string sessionDirectory, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return OnThread("agb-suspend", () => SandboxSleep.Suspend(handle, sessionDirectory, Freezers));
    }

    /// <inheritdoc/>
    public bool IsAsleep(string sessionDirectory) => SleepRecords.IsAsleep(sessionDirectory);

    /// <inheritdoc/>
    public void Resume(string sessionDirectory, Func<SandboxHandle?> find) => SandboxSleep.Resume(sessionDirectory, find);

    /// <inheritdoc/>
    public void EndSleep(string sessionDirectory) => SleepRecords.Remove(sessionDirectory);

    /// <inheritdoc/>
    public Task StopAsync(SandboxHandle handle, CancellationToken cancellationToken) =>
        OnThread("agb-stop", () => SandboxStopper.Stop(handle, cancellationToken));

    /// <inheritdoc/>
    public Task CleanUpAsync(string sessionDirectory, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return OnThread("agb-cleanup", () => SandboxStopper.CleanUp(sessionDirectory));
    }

    private static Task OnThread(string name, Action work) =>
        ProcessRun.OnThread(
            name,
            () =>
            {
                work();
                return true;
            });
}
