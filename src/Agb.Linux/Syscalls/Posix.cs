namespace Agb.Linux;

/// <summary>System calls of the store without a form in .NET: names as bytes, work relative to an open directory, links never
/// followed. Constants are those of Linux on x86-64 and arm64.</summary>
internal static unsafe partial class Posix
{
    internal const int AT_FDCWD = -100;
    internal const int AT_SYMLINK_NOFOLLOW = 0x100;
    internal const int AT_REMOVEDIR = 0x200;
    internal const int AT_EMPTY_PATH = 0x1000;

    internal const int O_RDONLY = 0;
    internal const int O_WRONLY = 1;
    internal const int O_RDWR = 2;
    internal const int O_CREAT = 0x40;
    internal const int O_EXCL = 0x80;
    internal const int O_NONBLOCK = 0x800;
    internal const int O_CLOEXEC = 0x80000;
    internal const int O_PATH = 0x200000;

    // The architectures swap these two values (asm/fcntl.h).
    internal static readonly int O_DIRECTORY = IsArm ? 0x4000 : 0x10000;
    internal static readonly int O_NOFOLLOW = IsArm ? 0x8000 : 0x20000;

    internal const uint S_IFMT = 0xF000;
    internal const uint S_IFLNK = 0xA000;
    internal const uint S_IFREG = 0x8000;
    internal const uint S_IFDIR = 0x4000;
    internal const uint S_IFCHR = 0x2000;
    internal const uint S_IFIFO = 0x1000;

    internal const uint STATX_BASIC_STATS = 0x7ff;
    internal const uint STATX_BTIME = 0x800;

    internal const int F_GETFD = 1;
    internal const int F_SETFL = 4;
    internal const int F_DUPFD_CLOEXEC = 1030;
    internal const int F_SETPIPE_SZ = 1031;

    internal const int SEEK_SET = 0;
    internal const uint SYNC_FILE_RANGE_WRITE = 2;
    internal const int SEEK_DATA = 3;
    internal const int SEEK_HOLE = 4;

    internal const int LOCK_SH = 1;
    internal const int LOCK_EX = 2;
    internal const int LOCK_NB = 4;
    internal const int LOCK_UN = 8;

    private static readonly byte[] s_empty = [0];

    private static bool IsArm => RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    private static nint SysGetdents64 => IsArm ? 61 : 217;

    private const string C = "libc";

    [LibraryImport(C, EntryPoint = "openat", SetLastError = true)]
    internal static partial int OpenAt(int dirFd, byte[] path, int flags, uint mode);

    [LibraryImport(C, EntryPoint = "open_by_handle_at", SetLastError = true)]
    internal static partial int OpenByHandleAt(int mountFd, byte[] handle, int flags);

    [LibraryImport(C, EntryPoint = "statx", SetLastError = true)]
    internal static partial int StatX(int dirFd, byte[] path, int flags, uint mask, out StatxBuffer buffer);

    [LibraryImport(C, EntryPoint = "mkdirat", SetLastError = true)]
    internal static partial int MkdirAt(int dirFd, byte[] path, uint mode);

    [LibraryImport(C, EntryPoint = "unlinkat", SetLastError = true)]
    internal static partial int UnlinkAt(int dirFd, byte[] path, int flags);

    [LibraryImport(C, EntryPoint = "renameat", SetLastError = true)]
    internal static partial int RenameAt(int oldDirFd, byte[] oldPath, int newDirFd, byte[] newPath);

    [LibraryImport(C, EntryPoint = "linkat", SetLastError = true)]
    internal static partial int LinkAt(int oldDirFd, byte[] oldPath, int newDirFd, byte[] newPath, int flags);

    [LibraryImport(C, EntryPoint = "symlinkat", SetLastError = true)]
    internal static partial int SymlinkAt(byte[] target, int dirFd, byte[] path);

    [LibraryImport(C, EntryPoint = "readlinkat", SetLastError = true)]
    internal static partial nint ReadLinkAt(int dirFd, byte[] path, byte* buffer, nuint size);

    [LibraryImport(C, EntryPoint = "mknodat", SetLastError = true)]
    internal static partial int MknodAt(int dirFd, byte[] path, uint mode, ulong dev);

    [LibraryImport(C, EntryPoint = "fchmodat", SetLastError = true)]
    internal static partial int FchmodAt(int dirFd, byte[] path, uint mode, int flags);

    [LibraryImport(C, EntryPoint = "fchmod", SetLastError = true)]
    internal static partial int Fchmod(int fd, uint mode);

    [LibraryImport(C, EntryPoint = "fchownat", SetLastError = true)]
    internal static partial int FchownAt(int dirFd, byte[] path, uint owner, uint group, int flags);

    [LibraryImport(C, EntryPoint = "utimensat", SetLastError = true)]
    internal static partial int UtimensAt(int dirFd, byte[] path, Timespec* times, int flags);

    [LibraryImport(C, EntryPoint = "futimens", SetLastError = true)]
    internal static partial int Futimens(int fd, Timespec* times);

    [LibraryImport(C, EntryPoint = "fsync", SetLastError = true)]
    internal static partial int Fsync(int fd);

    [LibraryImport(C, EntryPoint = "syncfs", SetLastError = true)]
    internal static partial int Syncfs(int fd);

    [LibraryImport(C, EntryPoint = "sync_file_range", SetLastError = true)]
    internal static partial int SyncFileRange(int fd, long offset, long length, uint flags);

    [LibraryImport(C, EntryPoint = "ftruncate", SetLastError = true)]
    internal static partial int Ftruncate(int fd, long length);

    [LibraryImport(C, EntryPoint = "lseek", SetLastError = true)]
    internal static partial long Lseek(int fd, long offset, int whence);

    [LibraryImport(C, EntryPoint = "pread", SetLastError = true)]
    internal static partial nint Pread(int fd, byte* buffer, nuint count, long offset);

    [LibraryImport(C, EntryPoint = "pwrite", SetLastError = true)]
    internal static partial nint Pwrite(int fd, byte* buffer, nuint count, long offset);

    [LibraryImport(C, EntryPoint = "copy_file_range", SetLastError = true)]
    internal static partial nint CopyFileRange(int fdIn, long* offIn, int fdOut, long* offOut, nuint length, uint flags);

    [LibraryImport(C, EntryPoint = "close", SetLastError = true)]
    internal static partial int Close(int fd);

    [LibraryImport(C, EntryPoint = "fcntl", SetLastError = true)]
    internal static partial int Fcntl(int fd, int command, nint argument);

    [LibraryImport(C, EntryPoint = "ioctl", SetLastError = true)]
    internal static partial int Ioctl(int fd, ulong request, nint argument);

    [LibraryImport(C, EntryPoint = "flock", SetLastError = true)]
    internal static partial int Flock(int fd, int operation);

    [LibraryImport(C, EntryPoint = "lgetxattr", SetLastError = true)]
    internal static partial nint Lgetxattr(byte[] path, byte[] name, byte[]? value, nuint size);

    [LibraryImport(C, EntryPoint = "fgetxattr", SetLastError = true)]
    internal static partial nint Fgetxattr(int fd, byte[] name, byte[]? value, nuint size);

    [LibraryImport(C, EntryPoint = "fsetxattr", SetLastError = true)]
    internal static partial int Fsetxattr(int fd, byte[] name, byte[] value, nuint size, int flags);

    [LibraryImport(C, EntryPoint = "fremovexattr", SetLastError = true)]
    internal static partial int Fremovexattr(int fd, byte[] name);

    [LibraryImport(C, EntryPoint = "flistxattr", SetLastError = true)]
    internal static partial nint Flistxattr(int fd, byte[]? list, nuint size);

    [LibraryImport(C, EntryPoint = "geteuid")]
    internal static partial uint Geteuid();

    [LibraryImport(C, EntryPoint = "getegid")]
    internal static partial uint Getegid();

    [LibraryImport(C, EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint Syscall(nint number, nint a, nint b, nint c, nint d);

    [LibraryImport(C, EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint Syscall(nint number, nint a, nint b, nint c, nint d, nint e);

    internal static nint Getdents64(int fd, byte* buffer, int size) => Syscall(SysGetdents64, fd, (nint)buffer, size, 0);

    /// <summary>Reads the attributes of the file behind a descriptor of any kind.</summary>
    internal static bool TryStat(int fd, out FileStat stat)
    {
        var isRead = StatX(fd, s_empty, AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_BTIME, out var buffer) == 0;
        stat = isRead ? FileStat.From(buffer) : default;
        return isRead;
    }

    /// <summary>Reads the attributes of the file behind a descriptor, or throws.</summary>
    /// <param name="fd">The descriptor.</param>
    /// <param name="path">The path, for the error message.</param>
    internal static FileStat Stat(int fd, string path) => TryStat(fd, out var stat) ? stat : throw PosixException.Last("stat", path);

    /// <summary>Sets the permissions of the file behind a descriptor of any kind. fchmod(2) refuses O_PATH descriptors; their
    /// links in /proc lead to exactly the same file (open(2)).</summary>
    internal static bool TryChmod(int fd, uint permissions) => Fchmod(fd, permissions) == 0
        || (Marshal.GetLastPInvokeError() == Errno.EBADF && FchmodAt(AT_FDCWD, BytePath.Z($"/proc/self/fd/{fd}"), permissions, 0) == 0);

    /// <summary>struct timespec.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Timespec
    {
        internal long Seconds;
        internal long Nanoseconds;

        internal static Timespec FromNanoseconds(long ns)
        {
            var seconds = Math.DivRem(ns, 1_000_000_000, out var rest);
            return rest < 0
                ? new Timespec { Seconds = seconds - 1, Nanoseconds = rest + 1_000_000_000 }
                : new Timespec { Seconds = seconds, Nanoseconds = rest };
        }
    }

    /// <summary>struct statx (statx(2)), the only stat layout common to all architectures.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    internal struct StatxBuffer
    {
        [FieldOffset(0)] internal uint Mask;
        [FieldOffset(16)] internal uint Nlink;
        [FieldOffset(20)] internal uint Uid;
        [FieldOffset(24)] internal uint Gid;
        [FieldOffset(28)] internal ushort Mode;
        [FieldOffset(32)] internal ulong Ino;
        [FieldOffset(40)] internal long Size;
        [FieldOffset(48)] internal long Blocks;
        [FieldOffset(80)] internal long BtimeSeconds;
        [FieldOffset(88)] internal uint BtimeNanoseconds;
        [FieldOffset(96)] internal long CtimeSeconds;
        [FieldOffset(104)] internal uint CtimeNanoseconds;
        [FieldOffset(112)] internal long MtimeSeconds;
        [FieldOffset(120)] internal uint MtimeNanoseconds;
        [FieldOffset(128)] internal uint RdevMajor;
        [FieldOffset(132)] internal uint RdevMinor;
        [FieldOffset(136)] internal uint DevMajor;
        [FieldOffset(140)] internal uint DevMinor;
    }
}
