using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;

namespace Agb.Sandbox;

/// <summary>Starts sandboxes. Blocking: runs on a dedicated thread.</summary>
internal static class SandboxLauncher
{
    // Making a sandbox takes some 20 ms; a host as slow as this has another problem.
    private static readonly TimeSpan s_startLimit = TimeSpan.FromSeconds(60);

    /// <summary>Makes a sandbox and returns when its first process runs. After a failure no process is left.</summary>
    public static SandboxHandle Start(SandboxSpec spec, CancellationToken cancellationToken)
    {
        HostTools.RequireAll();
        try
        {
            spec = spec with { Resolvers = spec.Network == AgbNetwork.Own ? Resolvers.Read() : null };
            var root = ImageRoot.Inspect(spec.Image.Root);
            var overlays = SessionFiles.Prepare(spec, root);
            var mounts = new StageMounts(
                spec.SessionDirectory, overlays, MemoryFiles.OptionsFor(spec.Limits), [.. BubblewrapArguments.Shown(spec, root).Select(root.OnHost)]);
            mounts.Prepare();
            var plan = LimitPlan.For(spec.SessionId, spec.Limits);
            var record = new LaunchRecord(ProcessTable.ReadBootId(), ProcessTag.New(), plan.Groups);
            record.Write(spec.SessionDirectory);
            cancellationToken.ThrowIfCancellationRequested();
            var controls = plan.Apply(spec.SessionDirectory);
            return Launch(spec, record.Tag, LaunchSequence.ForSandbox(spec, root, controls, record.Tag), mounts, controls, cancellationToken);
        }
        catch (IOException e)
        {
            throw StartFailure.From(spec.SessionDirectory, e);
        }
        catch (KeyLimitException e)
        {
            throw HostErrors.TooManyKeys(e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new AgbException(
                AgbErrorIds.AccessDenied, AgbErrorKind.PermissionDenied,
                $"The session's directory can't be prepared: {e.Message}", target: spec.SessionDirectory, inner: e);
        }
    }

    private static SandboxHandle Launch(
        SandboxSpec spec, ulong tag, IReadOnlyList<string> chain, StageMounts mounts, SandboxControls controls, CancellationToken cancellationToken)
    {
        var logPath = Path.Combine(spec.SessionDirectory, SessionLayout.Log);
        using var network = new OwnNetwork(spec.SessionDirectory, tag, spec.Resolvers);
        try
        {
            var (read, write) = ProcessDescriptor.Pipe();
            using (read)
            {
                using (write)
                {
                    // A file, not a pipe: bubblewrap keeps it open while the sandbox lives, and writing to a pipe without
                    // a reader would end it.
                    using var log = OpenNew(logPath);
                    Detach(spec, chain, mounts, [write, log], () => TaggedProcesses.Find(tag), network);
                }
                var shell = ReadReady(read, cancellationToken);
                var failure = network.Complete();
                if (shell is null)
                {
                    throw StartFailure.From(spec.SessionDirectory, File.ReadAllText(logPath), controls);
                }
                if (failure is not null)
                {
                    throw StartFailure.New(failure, spec.SessionDirectory);
                }
                return MakeHandle(spec.SessionDirectory, shell, tag) with { Controls = controls };
            }
        }
        catch
        {
            TaggedProcesses.KillAll(tag);
            throw;
        }
    }

    /// <summary>Starts a chain, mounts meanwhile, and opens the gate after the end of the detaching shell.</summary>
    private static void Detach(
        SandboxSpec spec, IReadOnlyList<string> chain, StageMounts mounts, SafeHandle[] outputs, Func<int?> findWaiting, OwnNetwork network)
    {
        var directory = spec.SessionDirectory;
        var isOwn = spec.Network == AgbNetwork.Own;
        using var launcher = LocalSocket.Listen(directory, SessionLayout.Launcher);
        using var program = File.OpenHandle(LauncherProgram.Ensure(spec.AgbHome), FileMode.Open, FileAccess.Read, FileShare.Read);
        using var info = OpenNew(Path.Combine(directory, SessionLayout.Info));
        var (gate, opener) = ProcessDescriptor.Pipe();
        SafeFileHandle? space = null;
        var (life, held) = ProcessDescriptor.Pipe();
        try
        {
            // In the order of their numbers: 0 to 2, LaunchSequence.Gate, Info and Program, and with a network of its own a pipe that ends with
            // the last holder.
            SafeHandle?[] streams = isOwn ? [launcher, .. outputs, gate, info, program, held] : [launcher, .. outputs, gate, info, program];
            SpawnThread.Start(
                () =>
                {
                    ProcessKeyring.Leave();
                    space = isOwn && SandboxIdentity.IsRoot ? NetworkNamespace.EnterNew() : null;
                    mounts.Enter();
                },
                () =>
                {
                    var pid = ProcessSpawn.Start(chain, HostTools.Environment, streams);
                    try
                    {
                        mounts.Mount();
                    }
                    finally
                    {
                        ProcessSpawn.Discard(pid);
                    }
                    return pid;
                });
            if (isOwn)
            {
                // Of an ordinary user's chain, the one process left waits at the gate in its new namespaces.
                int? owner = space is null ? findWaiting() ?? throw StartFailure.From(directory, File.ReadAllText(Path.Combine(directory, SessionLayout.Log))) : null;
                space ??= NetworkNamespace.Of(owner!.Value);
                network.Begin(space, owner, life);
            }
            // Can't fail: the pipe is empty, and this process holds its read end too.
            _ = opener.TryWrite("\n"u8);
        }
        finally
        {
            space?.Dispose();
            life.Dispose();
            held.Dispose();
            gate.Dispose();
            opener.Dispose();
        }
    }

    private static SafeFileHandle OpenNew(string path)
    {
        var file = File.OpenHandle(path, FileMode.Create, FileAccess.Write, FileShare.ReadWrite);
        ProcessFiles.SetMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return file;
    }

    /// <summary>Waits for the line "ready" of the first process.</summary>
    /// <returns>The shell in that line, or null when all holders of the pipe have ended without one.</returns>
    private static string? ReadReady(ProcessDescriptor pipe, CancellationToken cancellationToken)
    {
        const string Ready = "ready ";
        using var cancel = ProcessDescriptor.Event();
        using var registration = cancellationToken.UnsafeRegister(static state => ((ProcessDescriptor)state!).Signal(), cancel);
        var start = Stopwatch.GetTimestamp();
        Span<byte> buffer = stackalloc byte[256];
        Span<short> returned = stackalloc short[2];
        var count = 0;
        while (true)
        {
            var left = s_startLimit - Stopwatch.GetElapsedTime(start);
            if (left <= TimeSpan.Zero || !ProcessWait.Any([pipe, cancel], returned, left))
            {
                throw new AgbException(
                    AgbErrorIds.SessionStartFailed, AgbErrorKind.Timeout,
                    $"The session's sandbox was not ready within {s_startLimit.TotalSeconds:0} s.");
            }
            cancellationToken.ThrowIfCancellationRequested();
            var read = pipe.Read(buffer[count..]);
            count += read;
            var text = Encoding.UTF8.GetString(buffer[..count]);
            if (text.EndsWith('\n') && text.StartsWith(Ready, StringComparison.Ordinal))
            {
                return text[Ready.Length..].Trim();
            }
            if (read == 0)
            {
                return null;
            }
        }
    }

    /// <summary>Makes the handle of a ready sandbox.</summary>
    /// <param name="directory">The session's directory.</param>
    /// <param name="shell">The shell in the sandbox.</param>
    /// <param name="tag">The tag of the start's processes, required of both: after the end of bubblewrap its child's parent is a process
    /// of the host, and the child's pid may have been reused.</param>
    /// <exception cref="AgbException">SessionStartFailed: they are gone.</exception>
    internal static SandboxHandle MakeHandle(string directory, string shell, ulong tag)
    {
        // Written before the first process runs.
        var info = JsonSerializer.Deserialize(
            File.ReadAllBytes(Path.Combine(directory, SessionLayout.Info)), SandboxJson.Default.BubblewrapInfo);
        if (info is not null
            && ProcessTable.TryRead(info.ChildPid) is { HasEnded: false } init
            && ProcessTable.ReadLockLimit(init.Pid) == tag
            && ProcessTable.TryRead(init.ParentPid) is { HasEnded: false } monitor
            && ProcessTable.ReadLockLimit(monitor.Pid) == tag)
        {
            return new SandboxHandle(
                init.Pid, init.StartTime, monitor.Pid, monitor.StartTime, ProcessTable.ReadBootId(), shell)
            {
                Tag = tag,
                Launcher = Path.Combine(directory, SessionLayout.Launcher),
            };
        }
        throw StartFailure.New("The session's first process ended as soon as it had started.", directory);
    }
}
