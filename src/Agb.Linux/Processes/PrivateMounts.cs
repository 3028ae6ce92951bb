namespace Agb.Linux;

/// <summary>Flags of mount(2), with the kernel's numbers.</summary>
[Flags]
internal enum MountFlags : ulong
{
    None = 0,
    NoSetUserId = 0x2,
    NoDevices = 0x4,
    Bind = 0x1000,
    Recursive = 0x4000,
    Private = 0x40000,
    Slave = 0x80000,
}

/// <summary>Mounts visible only to one thread and its children (mount_namespaces(7)). For root: other users need a new user
/// namespace as well, and the kernel refuses it to processes with several threads (unshare(2)).</summary>
internal static class PrivateMounts
{
    private const int CloneNewNs = 0x20000;

    // Changes of an existing mount take a separate call (mount(2)).
    private const MountFlags Propagation = MountFlags.Private | MountFlags.Slave;

    /// <summary>Gives this thread, a <see cref="SpawnThread"/>, a private copy of the mount namespace. New mounts stay inside
    /// it. Unmounts of the host take effect inside too: otherwise each file system of the host would stay mounted as long as a
    /// process lives in the namespace.</summary>
    /// <exception cref="IOException">The kernel refuses; HResult is the errno.</exception>
    public static void Enter()
    {
        if (ProcessLibc.Unshare(CloneNewNs) != 0)
        {
            throw ProcessLibc.Error("unshare failed");
        }
        Check(ProcessLibc.Mount("none", "/", null, (ulong)(MountFlags.Recursive | MountFlags.Slave), null), "/");
    }

    /// <summary>Changes the working directory of this thread alone, the base of relative names in mount options.</summary>
    /// <exception cref="IOException">The directory can't be entered; HResult is the errno.</exception>
    public static void ChangeDirectory(string path)
    {
        if (ProcessLibc.ChangeDirectory(path) != 0)
        {
            throw ProcessLibc.Error($"chdir {path}");
        }
    }

    /// <summary>Mounts a file system (mount(2)), and sets its propagation if the flags contain it.</summary>
    /// <exception cref="IOException">The mount failed; HResult is the errno.</exception>
    public static void Mount(string source, string target, string type, MountFlags flags, string data)
    {
        Check(ProcessLibc.Mount(source, target, type, (ulong)(flags & ~Propagation), data), target);
        if ((flags & Propagation) != MountFlags.None)
        {
            Check(ProcessLibc.Mount("none", target, null, (ulong)(flags & (Propagation | MountFlags.Recursive)), null), target);
        }
    }

    private static void Check(int result, string target)
    {
        if (result != 0)
        {
            throw ProcessLibc.Error($"mount {target}");
        }
    }
}
