using System.Runtime.InteropServices;

namespace Agb.Linux;

/// <summary>Flags of mount(2), with the numbers that the kernel gives them.</summary>
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

/// <summary>Mounts that only a thread sees, and what it starts (mount_namespaces(7)). For root: others make such a namespace in a user
/// namespace of their own, which the kernel allows to no process with several threads (unshare(2)).</summary>
internal static partial class PrivateMounts
{
    private const int CloneNewNs = 0x20000;

    // Changes of a mount that exists, which take a call of their own (mount(2)).
    private const MountFlags Propagation = MountFlags.Private | MountFlags.Slave;

    /// <summary>Gives this thread, which must be one of <see cref="SpawnThread"/>, a mount namespace of its own, that starts as a copy. What
    /// is mounted there stays there. What the host unmounts goes away there too: else each file system of the host would be kept mounted for
    /// as long as a process lives in the namespace.</summary>
    /// <exception cref="IOException">The kernel refuses; HResult is the errno.</exception>
    public static void Enter()
    {
        if (Unshare(CloneNewNs) != 0)
        {
            throw ProcessLibc.Error("unshare failed");
        }
        Check(MountAt("none", "/", null, (ulong)(MountFlags.Recursive | MountFlags.Slave), null), "/");
    }

    /// <summary>Sets the directory that relative names in mount options start from, for this thread alone.</summary>
    /// <exception cref="IOException">It can't be entered; HResult is the errno.</exception>
    public static void ChangeDirectory(string path)
    {
        if (ChangeTo(path) != 0)
        {
            throw ProcessLibc.Error($"chdir {path}");
        }
    }

    /// <summary>Mounts something (mount(2)), and says how it hears of what is mounted elsewhere, if the flags do.</summary>
    /// <exception cref="IOException">It can't be mounted; HResult is the errno.</exception>
    public static void Mount(string source, string target, string type, MountFlags flags, string data)
    {
        Check(MountAt(source, target, type, (ulong)(flags & ~Propagation), data), target);
        if ((flags & Propagation) != MountFlags.None)
        {
            Check(MountAt("none", target, null, (ulong)(flags & (Propagation | MountFlags.Recursive)), null), target);
        }
    }

    private static void Check(int result, string target)
    {
        if (result != 0)
        {
            throw ProcessLibc.Error($"mount {target}");
        }
    }

    [LibraryImport("libc", EntryPoint = "unshare", SetLastError = true)]
    private static partial int Unshare(int flags);

    [LibraryImport("libc", EntryPoint = "mount", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MountAt(string source, string target, string? type, ulong flags, string? data);

    [LibraryImport("libc", EntryPoint = "chdir", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChangeTo(string path);
}
