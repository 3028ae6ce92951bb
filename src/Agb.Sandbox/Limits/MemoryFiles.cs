namespace Agb.Sandbox;

/// <summary>The in-memory file system of a session's root directory and /dev/shm.</summary>
internal static class MemoryFiles
{
    /// <summary>Its size (256 MiB) if no limit asks for less: without a size, the session's writes to / would fill half of the
    /// host's memory (tmpfs(5)).</summary>
    public const long DefaultBytes = 256L << 20;

    /// <summary>The maximum number of files in it: each takes about 1 KiB of kernel memory, however small it is.</summary>
    public const int MaxFiles = 64 * 1024;

    private const int LeastFiles = 1024;
    private const int FileBytes = 1024;

    /// <summary>Its size under limits. Half of the memory limit is left to processes: ending a process does not free the memory
    /// of files.</summary>
    public static long SizeFor(AgbSessionLimits limits) => Math.Min(
        DefaultBytes, Math.Min(limits.MemoryBytes / 2 ?? long.MaxValue, limits.DiskBytes ?? long.MaxValue));

    /// <summary>The maximum number of files in it under limits: the kernel's data about files gets at most a quarter of the
    /// memory limit. Otherwise a session could get its own first process ended by making empty files.</summary>
    public static int FilesFor(AgbSessionLimits limits) =>
        (int)Math.Clamp((limits.MemoryBytes ?? long.MaxValue) / 4 / FileBytes, LeastFiles, MaxFiles);

    /// <summary>Its mount options (tmpfs(5)).</summary>
    public static string OptionsFor(AgbSessionLimits limits)
    {
        var options = string.Create(CultureInfo.InvariantCulture, $"size={SizeFor(limits)},nr_inodes={FilesFor(limits)},mode=755");
        // An ordinary user's chain is root in a new user namespace, so the file system is already owned by the user.
        return SandboxIdentity.IsRoot
            ? options + string.Create(CultureInfo.InvariantCulture, $",uid={SandboxIdentity.HostUid},gid={SandboxIdentity.HostGid}")
            : options;
    }
}
