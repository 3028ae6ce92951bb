using System.Text.Json;
using System.Text.Json.Serialization;

namespace Agb.Sandbox;

/// <summary>A context mount in a sandbox.</summary>
/// <param name="Target">The absolute path in the sandbox.</param>
/// <param name="Name">The mount's own directory below the session directory: holds <c>upper</c>, <c>work</c> and
/// <c>merged</c> for an overlay, <c>data</c> for a copy.</param>
/// <param name="Lowers">For an overlay: the number of lower directories, which are symlinks <c>l0</c> (topmost) to
/// <c>l(n-1)</c> in the mount's directory; null for a copy.</param>
internal sealed record SandboxMount(string Target, string Name, int? Lowers)
{
    /// <summary>For an overlay: the kind of its marks.</summary>
    internal OverlayMarks Marks { get; init; } = OverlayMarks.User;

    /// <summary>For an overlay: whether it keeps hard links.</summary>
    internal bool KeepsLinks { get; init; }

    /// <summary>For an overlay with trusted marks: whether directories of the lower layers can be renamed.</summary>
    internal bool Renames { get; init; } = true;

    /// <summary>Whether programs can't write to it (EROFS).</summary>
    internal bool IsReadOnly { get; init; }
}

/// <summary>The specification of a sandbox.</summary>
internal sealed record SandboxSpec
{
    /// <summary>The session's id; its host name is derived from it.</summary>
    public required string SessionId { get; init; }

    /// <summary>The session's existing directory on the host; absolute, no symlinks.</summary>
    public required string SessionDirectory { get; init; }

    /// <summary>The engine's own directory on the host, hidden from sandboxes.</summary>
    public required string AgbHome { get; init; }

    /// <summary>The image.</summary>
    public required AgbImage Image { get; init; }

    /// <summary>The network of the sandbox.</summary>
    public required AgbNetwork Network { get; init; }

    /// <summary>The name servers of a network of its own; null for other networks.</summary>
    public Resolvers? Resolvers { get; init; }

    /// <summary>The context mounts.</summary>
    public required IReadOnlyList<SandboxMount> Mounts { get; init; }

    /// <summary>Whether to use overlays (by the host probe); without them system directories are read-only.</summary>
    public required bool UseOverlay { get; init; }

    /// <summary>The time until the sandbox ends with its first process; null for never.</summary>
    public TimeSpan? MaxLifetime { get; init; }

    /// <summary>For a fork: the layers under the session's private and system directories, by name (see <see cref="SessionLayout"/>),
    /// topmost first: paths on the host.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Forks { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>Its limits.</summary>
    public AgbSessionLimits Limits { get; init; } = AgbSessionLimits.None;
}

/// <summary>The handle of a running sandbox, for any process: pids with their start times, valid for one boot.</summary>
/// <param name="InitPid">Host pid of the sandbox's pid 1.</param>
/// <param name="InitStartTime">Its start time in clock ticks since boot (proc(5), field 22 of stat).</param>
/// <param name="MonitorPid">Host pid of bubblewrap's outer process.</param>
/// <param name="MonitorStartTime">Its start time.</param>
/// <param name="BootId">/proc/sys/kernel/random/boot_id.</param>
/// <param name="Shell">The shell found in the sandbox: /bin/bash or /bin/sh.</param>
internal sealed record SandboxHandle(
    int InitPid, long InitStartTime, int MonitorPid, long MonitorStartTime, string BootId, string Shell)
{
    /// <summary>The controls of its limits; null without limits.</summary>
    public SandboxControls? Controls { get; init; }

    /// <summary>Whether a mount lies over the image's home (see <see cref="SessionHome"/>).</summary>
    public bool IsHomeCovered { get; init; }

    /// <summary>The tag of the start's processes (see <see cref="ProcessTag"/>); null in handles of older versions.</summary>
    public ulong? Tag { get; init; }

    /// <summary>The path of its launcher's socket; null in handles of older versions, whose commands enter by nsenter(1).</summary>
    public string? Launcher { get; init; }

    /// <summary>Whether the sandbox's first process lives.</summary>
    internal bool IsAlive => BootId == ProcessTable.ReadBootId() && ProcessTable.IsAlive(InitPid, InitStartTime);

    /// <summary>Throws if the sandbox has ended.</summary>
    /// <exception cref="AgbException">SessionNotRunning.</exception>
    public void RequireAlive()
    {
        if (!IsAlive)
        {
            throw new AgbException(
                AgbErrorIds.SessionNotRunning, AgbErrorKind.InvalidState,
                "The session's sandbox does not run any more: it was stopped, reached its maximum lifetime, or the host was restarted.")
            {
                Advice = AgbAdvice.CreateSession,
            };
        }
    }

    /// <summary>Reads a handle written by <see cref="ToJson"/>.</summary>
    /// <exception cref="JsonException">Another text.</exception>
    public static SandboxHandle? Parse(string? json) =>
        json is null ? null : JsonSerializer.Deserialize(json, SandboxHandleJson.Default.SandboxHandle);

    /// <summary>The handle as JSON, for the catalog.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, SandboxHandleJson.Default.SandboxHandle);
}

/// <summary>JSON of handles.</summary>
[JsonSourceGenerationOptions(UseStringEnumConverter = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(SandboxHandle))]
internal sealed partial class SandboxHandleJson : JsonSerializerContext;

/// <summary>The outcome of a command in a sandbox.</summary>
internal sealed record CommandOutcome
{
    public required int ExitCode { get; init; }

    public int? Signal { get; init; }

    public bool TimedOut { get; init; }

    public AgbLimitKind? LimitReached { get; init; }

    public required byte[] Stdout { get; init; }

    public required byte[] Stderr { get; init; }

    public bool StdoutTruncated { get; init; }

    public bool StderrTruncated { get; init; }

    public required TimeSpan Duration { get; init; }
}

/// <summary>Makes sandboxes, runs commands in them, and ends them.</summary>
internal interface ISandboxDriver
{
    /// <summary>Makes a sandbox and returns when its first process runs. After a failure no process is left.</summary>
    /// <exception cref="AgbException">SessionStartFailed, HostNotReady, NoSpace.</exception>
    Task<SandboxHandle> StartAsync(SandboxSpec spec, CancellationToken cancellationToken);

    /// <summary>Sets the time until a sandbox ends by itself, from now on.</summary>
    /// <param name="handle">The sandbox, with a launcher.</param>
    /// <param name="lifetime">The time; null for no end.</param>
    /// <exception cref="IOException">It has ended.</exception>
    void SetLifetime(SandboxHandle handle, TimeSpan? lifetime);

    /// <summary>Whether the sandbox's first process lives (same boot, same start time).</summary>
    bool IsAlive(SandboxHandle handle);

    /// <summary>Runs a command. On cancellation and at its time limit its processes are killed first.</summary>
    /// <param name="handle">The sandbox.</param>
    /// <param name="image">Its image.</param>
    /// <param name="request">The command.</param>
    /// <param name="output">The receiver of live output, or null.</param>
    /// <param name="cancellationToken">Kills the command.</param>
    Task<CommandOutcome> RunAsync(
        SandboxHandle handle, AgbImage image, AgbCommandRequest request, IProcessOutput? output, CancellationToken cancellationToken);

    /// <summary>Starts a shell on a terminal of the sandbox.</summary>
    Task<IAgbTerminal> OpenTerminalAsync(
        SandboxHandle handle, AgbImage image, AgbTerminalRequest request, CancellationToken cancellationToken);

    /// <summary>Connects to a TCP port on the loopback of the sandbox's own network namespace (networks Own and None).</summary>
    /// <exception cref="System.Net.Sockets.SocketException">Nothing listens there.</exception>
    Task<Stream> ConnectAsync(SandboxHandle handle, int port, CancellationToken cancellationToken);

    /// <summary>The context mounts of a running sandbox.</summary>
    ISandboxMounts Mounts { get; }

    /// <summary>Ends every process of the sandbox but the first when it is over its disk limit.</summary>
    /// <returns>Whether it was.</returns>
    Task<bool> EndWritersAsync(SandboxHandle handle, CancellationToken cancellationToken);

    /// <summary>Suspends every process of the sandbox: none runs until <see cref="Resume"/>. After a failure all of them run.</summary>
    /// <exception cref="AgbException">SessionNotRunning; UnexpectedError when a process does not stop.</exception>
    Task SuspendAsync(SandboxHandle handle, string sessionDirectory, CancellationToken cancellationToken);

    /// <summary>Whether a suspension was begun, by any process, and not undone.</summary>
    bool IsAsleep(string sessionDirectory);

    /// <summary>Lets the processes of a suspended sandbox go on; <see cref="EndSleep"/> ends the suspension. May run several times at
    /// once.</summary>
    /// <param name="sessionDirectory">The session's directory.</param>
    /// <param name="find">Finds the sandbox, where its processes have to be looked for.</param>
    void Resume(string sessionDirectory, Func<SandboxHandle?> find);

    /// <summary>Removes the record of a suspension: <see cref="IsAsleep"/> ends.</summary>
    void EndSleep(string sessionDirectory);

    /// <summary>Kills every process of the sandbox and returns when they and their mounts are gone. Without processes, does
    /// nothing.</summary>
    Task StopAsync(SandboxHandle handle, CancellationToken cancellationToken);

    /// <summary>Ends the leftover processes and mounts of an interrupted start in this session directory.</summary>
    Task CleanUpAsync(string sessionDirectory, CancellationToken cancellationToken);
}
