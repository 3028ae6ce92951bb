namespace Agb.Sandbox;

/// <summary>Measures the disk usage of a session.</summary>
internal static class DiskMeter
{
    private const int BlockBytes = 512;

    // Ending of a directory with links to stored files.
    private const string Linked = ".large";

    // Directories of an overlay not written by the session: the kernel's work directory and the view of all layers.
    private static readonly string[] s_notWritten = ["work", "merged", "empty"];

    /// <summary>The bytes used by a session's directory: the blocks of files, and a fixed sum for each entry. Changes during
    /// the walk may count or not.</summary>
    /// <returns>The bytes, or <see cref="TreeMeter.Unmeasurable"/>.</returns>
    public static long Measure(string sessionDirectory)
    {
        long total = 0;
        foreach (var tree in Trees(sessionDirectory))
        {
            using var root = TryOpen(tree);
            var bytes = root is null ? 0 : TreeMeter.Measure(root);
            if (bytes == TreeMeter.Unmeasurable)
            {
                return bytes;
            }
            total += bytes;
        }
        return total + Subdirectories(sessionDirectory).Sum(d => MeasureIndexed(Path.Combine(d, "work", "index")));
    }

    /// <summary>The bytes of an overlay's index without a name in the upper directory
    /// (<see cref="OverlayLinkIndex"/>).</summary>
    private static long MeasureIndexed(string index)
    {
        if (!Directory.Exists(index))
        {
            return 0;
        }
        using var directory = TryOpen(index);
        return directory is null ? 0 : DirectoryReader.Names(directory)
            .Sum(name => TryStat(Path.Combine(index, name)) is { Nlink: 1 } stat ? stat.Blocks * BlockBytes : 0);
    }

    /// <summary>The bytes of deleted files still open in processes of a sandbox.</summary>
    /// <param name="initPid">The sandbox's first process.</param>
    public static long MeasureDeleted(int initPid)
    {
        var inMemory = TryStat($"/proc/{initPid}/root/dev/shm") is { } shm ? (shm.DevMajor, shm.DevMinor) : default;
        var seen = new HashSet<(uint, uint, ulong)>();
        long total = 0;
        foreach (var process in SandboxProcesses.Of(initPid))
        {
            foreach (var link in Descriptors(process.Pid))
            {
                if (TryStat(link) is { Nlink: 0 } stat && (stat.Mode & Posix.S_IFMT) == Posix.S_IFREG
                    && (stat.DevMajor, stat.DevMinor) != inMemory && seen.Add((stat.DevMajor, stat.DevMinor, stat.Ino))
                    && new FileInfo(link).LinkTarget?.StartsWith("/memfd:", StringComparison.Ordinal) != true)
                {
                    total += stat.Blocks * BlockBytes;
                }
            }
        }
        return total;
    }

    /// <summary>The directories written by a session: private ones, uppers and copies. Their parents are the engine's.</summary>
    private static IEnumerable<string> Trees(string sessionDirectory)
    {
        foreach (var directory in Subdirectories(sessionDirectory).Where(d => !d.EndsWith(Linked, StringComparison.Ordinal)))
        {
            var inner = Subdirectories(directory).ToArray();
            // sys holds an overlay for each tree of the system.
            foreach (var tree in Path.GetFileName(directory) == Sandbox.SessionLayout.System ? inner.SelectMany(Subdirectories) : inner)
            {
                if (!s_notWritten.Contains(Path.GetFileName(tree)))
                {
                    yield return tree;
                }
            }
        }
    }

    private static IEnumerable<string> Subdirectories(string directory)
    {
        try
        {
            return new DirectoryInfo(directory).EnumerateDirectories().Where(d => d.LinkTarget is null).Select(d => d.FullName).ToArray();
        }
        catch (Exception e) when ((e is IOException or UnauthorizedAccessException) && !Exhaustion.Is(e))
        {
            // The session is being removed.
            return [];
        }
    }

    private static Fd? TryOpen(string directory)
    {
        try
        {
            using var parent = Fd.OpenDirectory(Path.GetDirectoryName(directory)!);
            return parent.OpenDirectoryAt(BytePath.FromText(Path.GetFileName(directory)));
        }
        catch (PosixException e) when (Errno.IsGone(e.Errno))
        {
            return null;
        }
    }

    private static IEnumerable<string> Descriptors(int pid)
    {
        try
        {
            return Directory.GetFiles($"/proc/{pid}/fd");
        }
        catch (Exception e) when ((e is IOException or UnauthorizedAccessException) && !Exhaustion.Is(e))
        {
            // The process has ended.
            return [];
        }
    }

    private static Posix.StatxBuffer? TryStat(string path) =>
        Posix.StatX(Posix.AT_FDCWD, BytePath.Z(BytePath.FromText(path)), 0, Posix.STATX_BASIC_STATS, out var stat) == 0 ? stat : null;
}
