using System.Text.Json;
using System.Text.Json.Serialization;

namespace Agb.Sandbox;

/// <summary>One directory that appears in a sandbox.</summary>
/// <param name="Target">The absolute path in the sandbox.</param>
/// <param name="Name">The mount's own directory below the session directory: holds <c>upper</c>, <c>work</c> and
/// <c>merged</c> for an overlay, <c>data</c> for a copy.</param>
/// <param name="Lowers">For an overlay: how many lower directories there are, as symlinks <c>l0</c> (topmost) to
/// <c>l(n-1)</c> in the mount's directory; null for a copy.</param>
internal sealed record SandboxMount(string Target, string Name, int? Lowers)
{
    /// <summary>For an overlay: the marks that it is mounted with.</summary>
    internal OverlayMarks Marks { get; init; } = OverlayMarks.User;

    /// <summary>For an overlay: whether it keeps names of one file together.</summary>
    internal bool KeepsLinks { get; init; }
}

/// <summary>What a sandbox shall be.</summary>
internal sealed record SandboxSpec
{
    /// <summary>The session's id; its host name is derived from it.</summary>
    public required string SessionId { get; init; }

    /// <summary>The session's directory on the host, which exists; absolute, no symlinks.</summary>
    public required string SessionDirectory { get; init; }

    /// <summary>The engine's own directory on the host, which no sandbox may see.</summary>
    public required string AgbHome { get; init; }

    /// <summary>The image.</summary>
    public required AgbImage Image { get; init; }

    /// <summary>What of the network the sandbox sees.</summary>
    public required AgbNetwork Network { get; init; }

    /// <summary>The context mounts.</summary>
    public required IReadOnlyList<SandboxMount> Mounts { get; init; }

    /// <summary>Whether overlays may be used (found by the host probe); without them system directories are read-only.</summary>
    public required bool UseOverlay { get; init; }

    /// <summary>After this time the first process ends, and with it the sandbox; null for never.</summary>
    public TimeSpan? MaxLifetime { get; init; }

    /// <summary>What of the host it may use.</summary>
    public AgbSessionLimits Limits { get; init; } = AgbSessionLimits.None;
}

/// <summary>How a running sandbox is found again from any process: pids with their start times, valid for one boot.</summary>
/// <param name="InitPid">Host pid of the sandbox's pid 1.</param>
/// <param name="InitStartTime">Its start time in clock ticks since boot (proc(5), field 22 of stat).</param>
/// <param name="MonitorPid">Host pid of bubblewrap's outer process.</param>
/// <param name="MonitorStartTime">Its start time.</param>
/// <param name="BootId">/proc/sys/kernel/random/boot_id.</param>
/// <param name="Shell">The shell found in the sandbox: /bin/bash or /bin/sh.</param>
internal sealed record SandboxHandle(
    int InitPid, long InitStartTime, int MonitorPid, long MonitorStartTime, string BootId, string Shell)
{
    /// <summary>How its limits are held; null when it has none.</summary>
    public SandboxControls? Controls { get; init; }

    /// <summary>Whether a mount lies over the image's home (see <see cref="SessionHome"/>).</summary>
    public bool IsHomeCovered { get; init; }

    /// <summary>The mark of the start's processes (see <see cref="ProcessTag"/>); null in handles of versions that did not keep it.</summary>
    public ulong? Tag { get; init; }

    /// <summary>Reads a handle that was written by <see cref="ToJson"/>.</summary>
    /// <exception cref="AgbException">StoreCorrupt.</exception>
    public static SandboxHandle? Parse(string? json)
    {
        try
        {
            return json is null ? null : JsonSerializer.Deserialize(json, SandboxHandleJson.Default.SandboxHandle);
        }
        catch (JsonException e)
        {
            throw new AgbException(
                AgbErrorIds.StoreCorrupt, AgbErrorKind.DataCorrupt, $"The record of a running sandbox is damaged: {e.Message}",
                "Restore the AGB home directory from a backup.", inner: e);
        }
    }

    /// <summary>The handle as JSON, as the catalog keeps it.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, SandboxHandleJson.Default.SandboxHandle);
}

/// <summary>JSON of handles.</summary>
[JsonSourceGenerationOptions(UseStringEnumConverter = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(SandboxHandle))]
internal sealed partial class SandboxHandleJson : JsonSerializerContext;

/// <summary>What a command did in a sandbox.</summary>
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
    /// <summary>Makes a sandbox and returns when its first process runs. On failure nothing is left running.</summary>
    /// <exception cref="AgbException">SessionStartFailed, HostNotReady, NoSpace.</exception>
    Task<SandboxHandle> StartAsync(SandboxSpec spec, CancellationToken cancellationToken);

    /// <summary>Whether the sandbox's first process lives (same boot, same start time).</summary>
    bool IsAlive(SandboxHandle handle);

    /// <summary>Runs a command. On cancellation and at its time limit all that it started is killed first.</summary>
    /// <param name="handle">The sandbox.</param>
    /// <param name="image">Its image.</param>
    /// <param name="request">The command.</param>
    /// <param name="output">Gets the output as it comes, or null.</param>
    /// <param name="cancellationToken">Kills the command.</param>
    Task<CommandOutcome> RunAsync(
        SandboxHandle handle, AgbImage image, AgbCommandRequest request, IProcessOutput? output, CancellationToken cancellationToken);

    /// <summary>Starts a shell on a terminal of the sandbox's own.</summary>
    Task<IAgbTerminal> OpenTerminalAsync(
        SandboxHandle handle, AgbImage image, AgbTerminalRequest request, CancellationToken cancellationToken);

    /// <summary>Ends every process of the sandbox but the first when it has more on disk than it may.</summary>
    /// <returns>Whether it had.</returns>
    Task<bool> EndWritersAsync(SandboxHandle handle, CancellationToken cancellationToken);

    /// <summary>Kills every process of the sandbox and returns when they and their mounts are gone. Does nothing when
    /// they are gone already.</summary>
    Task StopAsync(SandboxHandle handle, CancellationToken cancellationToken);

    /// <summary>Ends what a start that was cut off may have left of this session directory: processes and mounts.</summary>
    Task CleanUpAsync(string sessionDirectory, CancellationToken cancellationToken);
}
