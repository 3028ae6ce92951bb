using System.Globalization;

namespace Agb.Sandbox;

/// <summary>The file system in memory that a session's root directory and /dev/shm lie in.</summary>
internal static class MemoryFiles
{
    /// <summary>Its size (256 MiB) when no limit asks for less: without one, what a session writes to / would fill half of the
    /// host's memory (tmpfs(5)).</summary>
    public const long DefaultBytes = 256L << 20;

    /// <summary>The most files in it: each takes about 1 KiB of the kernel's memory, however small it is.</summary>
    public const int MaxFiles = 64 * 1024;

    private const int LeastFiles = 1024;
    private const int FileBytes = 1024;

    /// <summary>Its size under limits. Half of the memory limit is left to processes: what lies in memory as files can't be
    /// taken back by ending one.</summary>
    public static long SizeFor(AgbSessionLimits limits) => Math.Min(
        DefaultBytes, Math.Min(limits.MemoryBytes / 2 ?? long.MaxValue, limits.DiskBytes ?? long.MaxValue));

    /// <summary>The most files in it under limits: at most a quarter of the memory limit goes to what the kernel keeps of each, or a
    /// session could have its own first process ended by making empty files.</summary>
    public static int FilesFor(AgbSessionLimits limits) =>
        (int)Math.Clamp((limits.MemoryBytes ?? long.MaxValue) / 4 / FileBytes, LeastFiles, MaxFiles);

    /// <summary>Its mount options (tmpfs(5)).</summary>
    public static string OptionsFor(AgbSessionLimits limits)
    {
        var options = string.Create(CultureInfo.InvariantCulture, $"size={SizeFor(limits)},nr_inodes={FilesFor(limits)},mode=755");
        // An ordinary user's chain is root in a user namespace of its own, and the file system that user's by itself.
        return SandboxIdentity.IsRoot
            ? options + string.Create(CultureInfo.InvariantCulture, $",uid={SandboxIdentity.HostUid},gid={SandboxIdentity.HostGid}")
            : options;
    }
}
