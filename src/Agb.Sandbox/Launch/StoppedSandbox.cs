using System.Globalization;

namespace Agb.Sandbox;

/// <summary>A sandbox with all its processes stopped (SIGSTOP), for a picture of its files at one moment. Disposal lets them go on. If
/// this process dies, a helper program does it.</summary>
internal sealed class StoppedSandbox : IDisposable
{
    private const int MostRounds = 20;

    // A process in the middle of a long write stops after it.
    private static readonly TimeSpan s_mostWait = TimeSpan.FromMilliseconds(100);

    // The pids come one a line; the end of the pipe is the end of the stop, or of the engine.
    private const string Guard = "while read -r p; do set -- \"$@\" \"$p\"; done; [ $# = 0 ] || kill -CONT \"$@\"";

    private readonly SandboxHandle _handle;
    private readonly ProcessDescriptor _guard;
    private readonly Dictionary<(int, long), PidFd> _stopped = [];
    private readonly int _guardPid;
    private readonly long _begin;

    private StoppedSandbox(SandboxHandle handle)
    {
        _handle = handle;
        var (read, write) = ProcessDescriptor.Pipe();
        using (read)
        {
            _guard = write;
            _guardPid = ProcessSpawn.Start([HostTools.Require("sh"), "-c", Guard], HostTools.Environment, read, null, null);
        }
        var known = SandboxProcesses.Of(handle.InitPid);
        _begin = Stopwatch.GetTimestamp();
        Stop(known);
    }

    /// <summary>Files of the sandbox with a shared, writable map in one of its processes: paths in the sandbox. Such a file can change
    /// without a new time.</summary>
    public IReadOnlySet<string> SharedMaps { get; private set; } = new HashSet<string>();

    /// <summary>Paths in use by the stopped processes: working directories, open files and maps.</summary>
    public IReadOnlyList<string> UsedPaths() => UsedPaths(_stopped.Values.Select(p => p.Pid));

    /// <summary>Paths in use by the processes of a sandbox.</summary>
    public static IReadOnlyList<string> UsedPaths(SandboxHandle handle) => UsedPaths(SandboxProcesses.Of(handle.InitPid).Select(p => p.Pid));

    /// <summary>The time since the stop.</summary>
    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_begin);

    /// <summary>Stops a sandbox, and returns when its processes have stopped.</summary>
    public static StoppedSandbox Begin(SandboxHandle handle)
    {
        var stopped = new StoppedSandbox(handle);
        try
        {
            stopped.StopNew();
            stopped.SharedMaps = stopped._stopped.Values.SelectMany(p => ReadSharedMaps(p.Pid)).ToHashSet(StringComparer.Ordinal);
            return stopped;
        }
        catch
        {
            stopped.Dispose();
            throw;
        }
    }

    /// <summary>Stops processes that entered or started since.</summary>
    /// <returns>Whether there were any.</returns>
    public bool StopNew()
    {
        var any = false;
        for (var round = 0; round < MostRounds && CountInside() > _stopped.Count + 1; round++)
        {
            if (!Stop(SandboxProcesses.Of(_handle.InitPid)))
            {
                break;
            }
            any = true;
        }
        return any;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var process in _stopped.Values)
        {
            process.Send(PidFd.SIGCONT);
            process.Dispose();
        }
        _guard.Dispose();
        ProcessSpawn.Discard(_guardPid);
    }

    private bool Stop(IReadOnlyList<ProcessEntry> processes)
    {
        var any = false;
        foreach (var entry in processes.Where(p => p.State is not ('T' or 't') && !_stopped.ContainsKey((p.Pid, p.StartTime))))
        {
            if (PidFd.TryOpen(entry.Pid, entry.StartTime) is not { } process)
            {
                continue;
            }
            _stopped[(entry.Pid, entry.StartTime)] = process;
            // Known to the helper first.
            _ = _guard.TryWrite(Encoding.ASCII.GetBytes(entry.Pid.ToString(CultureInfo.InvariantCulture) + "\n"));
            process.Send(PidFd.SIGSTOP);
            any = true;
        }
        var start = Stopwatch.GetTimestamp();
        while (_stopped.Keys.Any(p => ProcessTable.TryRead(p.Item1) is { HasEnded: false, State: not ('T' or 't') }) && Stopwatch.GetElapsedTime(start) < s_mostWait)
        {
            Thread.Yield();
        }
        return any;
    }

    // The file system of processes in the sandbox lists its own alone: faster than a search of all processes of the host.
    private int CountInside()
    {
        try
        {
            return Directory.EnumerateDirectories($"/proc/{_handle.InitPid}/root/proc").Count(d => int.TryParse(Path.GetFileName(d.AsSpan()), out _));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException && !Exhaustion.Is(e))
        {
            // The sandbox has ended.
            return 0;
        }
    }

    private static IEnumerable<string> ReadSharedMaps(int pid) => ReadMaps(pid).Where(m => m.Permissions is [_, 'w', _, 's']).Select(m => m.Path);

    private static IReadOnlyList<(string Permissions, string Path)> ReadMaps(int pid)
    {
        // Address, permissions, offset, device, inode, path (proc_pid_maps(5)).
        const int Permissions = 1, File = 5;
        return Read(() => System.IO.File.ReadAllLines($"/proc/{pid}/maps")
            .Select(l => l.Split(' ', File + 1, StringSplitOptions.RemoveEmptyEntries))
            .Where(f => f.Length > File && f[File].StartsWith('/')).Select(f => (f[Permissions], f[File])).ToArray());
    }

    private static IReadOnlyList<string> UsedPaths(IEnumerable<int> pids) =>
    [
        .. pids.SelectMany(pid => ReadMaps(pid).Select(m => m.Path)
            .Concat(Read(() => Directory.GetFiles($"/proc/{pid}/fd")).Append($"/proc/{pid}/cwd").Append($"/proc/{pid}/root")
                .SelectMany(link => Read(() => new FileInfo(link).LinkTarget is { } target ? new[] { target } : []))))
            .Distinct(),
    ];

    private static T[] Read<T>(Func<T[]> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException && !Exhaustion.Is(e))
        {
            // The process has ended.
            return [];
        }
    }
}
