using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Agb.Linux;

/// <summary>The C library calls about processes, pipes and owners, as they are. Wrappers give them safe handles.</summary>
/// <remarks>Numbers are those of the kernel's generic ABI, the same on x64 and arm64.</remarks>
internal static unsafe partial class ProcessLibc
{
    /// <summary>errno values (errno(3)).</summary>
    public const int EPERM = 1, ENOENT = 2, ESRCH = 3, EINTR = 4, EIO = 5, E2BIG = 7, ECHILD = 10, EAGAIN = 11, EEXIST = 17, ENOSPC = 28, EPIPE = 32, EDQUOT = 122;

    /// <summary>open(2) and pipe2(2): close the descriptor on exec.</summary>
    public const int O_CLOEXEC = 0x80000;

    /// <summary>open(2) access modes.</summary>
    public const int O_RDONLY = 0, O_WRONLY = 1, O_RDWR = 2;

    /// <summary>poll(2) events.</summary>
    public const short POLLIN = 1, POLLOUT = 4, POLLERR = 8, POLLHUP = 16;

    /// <summary>fcntl(2): duplicate to the lowest free number not below the argument, with close-on-exec.</summary>
    public const int F_DUPFD_CLOEXEC = 1030;

    /// <summary>fcntl(2): read the descriptor's flags; bit 0 is close-on-exec.</summary>
    public const int F_GETFD = 1;

    /// <summary>fcntl(2): sets the status flags of an open file.</summary>
    public const int F_SETFL = 4;

    /// <summary>fcntl(2): sets the capacity of a pipe in bytes, Linux 2.6.35.</summary>
    public const int F_SETPIPE_SZ = 1031;

    /// <summary>open(2): reads and writes never wait.</summary>
    public const int O_NONBLOCK = 0x800;

    /// <summary>ioctl(2): the number of bytes ready in a pipe.</summary>
    public const ulong FIONREAD = 0x541B;

    /// <summary>getrlimit(2): the number of file locks. The kernel has not enforced it since 2.4.25.</summary>
    public const int RLIMIT_LOCKS = 10;

    /// <summary>getrlimit(2): size of a file, private memory, processes of a user, open files.</summary>
    public const int RLIMIT_FSIZE = 1, RLIMIT_DATA = 2, RLIMIT_NPROC = 6, RLIMIT_NOFILE = 7;

    /// <summary>eventfd(2): close-on-exec.</summary>
    public const int EFD_CLOEXEC = O_CLOEXEC;

    private const string Libc = "libc";
    private const long SysPidfdSendSignal = 424;
    private const long SysPidfdOpen = 434;

    [LibraryImport(Libc, EntryPoint = "geteuid")]
    public static partial uint GetEffectiveUser();

    [LibraryImport(Libc, EntryPoint = "getegid")]
    public static partial uint GetEffectiveGroup();

    [LibraryImport(Libc, EntryPoint = "lchown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int ChangeOwnerOfLink(string path, uint user, uint group);

    [LibraryImport(Libc, EntryPoint = "fchown", SetLastError = true)]
    public static partial int ChangeOwner(int descriptor, uint user, uint group);

    [LibraryImport(Libc, EntryPoint = "chmod", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int ChangeMode(string path, uint mode);

    [LibraryImport(Libc, EntryPoint = "mkfifo", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int MakeFifo(string path, uint mode);

    [LibraryImport(Libc, EntryPoint = "setxattr", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SetAttribute(string path, string name, byte* value, nint length, int flags);

    [LibraryImport(Libc, EntryPoint = "access", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Access(string path, int mode);

    [LibraryImport(Libc, EntryPoint = "pipe2", SetLastError = true)]
    public static partial int Pipe(int* ends, int flags);

    [LibraryImport(Libc, EntryPoint = "eventfd", SetLastError = true)]
    public static partial int EventFd(uint initial, int flags);

    [LibraryImport(Libc, EntryPoint = "fcntl", SetLastError = true)]
    public static partial int Control(int descriptor, int command, nint argument);

    [LibraryImport(Libc, EntryPoint = "ioctl", SetLastError = true)]
    public static partial int DeviceControl(int descriptor, ulong request, int* value);

    [LibraryImport(Libc, EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(int descriptor, byte* buffer, nint count);

    [LibraryImport(Libc, EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(int descriptor, byte* buffer, nint count);

    [LibraryImport(Libc, EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int descriptor);

    [LibraryImport(Libc, EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(PollEntry* entries, ulong count, int milliseconds);

    [LibraryImport(Libc, EntryPoint = "waitpid", SetLastError = true)]
    public static partial int WaitPid(int pid, int* status, int options);

    [LibraryImport(Libc, EntryPoint = "prlimit", SetLastError = true)]
    public static partial int Limit(int pid, int resource, ResourceLimit* set, ResourceLimit* old);

    [LibraryImport(Libc, EntryPoint = "posix_spawn")]
    public static partial int Spawn(int* pid, byte* path, void* fileActions, void* attributes, byte** arguments, byte** environment);

    [LibraryImport(Libc, EntryPoint = "posix_spawn_file_actions_init")]
    public static partial int FileActionsInit(void* actions);

    [LibraryImport(Libc, EntryPoint = "posix_spawn_file_actions_destroy")]
    public static partial int FileActionsDestroy(void* actions);

    [LibraryImport(Libc, EntryPoint = "posix_spawn_file_actions_adddup2")]
    public static partial int FileActionsDuplicate(void* actions, int from, int to);

    [LibraryImport(Libc, EntryPoint = "posix_spawn_file_actions_addclose")]
    public static partial int FileActionsClose(void* actions, int descriptor);

    [LibraryImport(Libc, EntryPoint = "posix_spawn_file_actions_addopen", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int FileActionsOpen(void* actions, int descriptor, string path, int flags, uint mode);

    [LibraryImport(Libc, EntryPoint = "posix_spawnattr_init")]
    public static partial int AttributesInit(void* attributes);

    [LibraryImport(Libc, EntryPoint = "posix_spawnattr_destroy")]
    public static partial int AttributesDestroy(void* attributes);

    [LibraryImport(Libc, EntryPoint = "posix_spawnattr_setflags")]
    public static partial int AttributesSetFlags(void* attributes, short flags);

    [LibraryImport(Libc, EntryPoint = "posix_spawnattr_setsigmask")]
    public static partial int AttributesSetMask(void* attributes, void* signals);

    [LibraryImport(Libc, EntryPoint = "posix_spawnattr_setsigdefault")]
    public static partial int AttributesSetDefault(void* attributes, void* signals);

    [LibraryImport(Libc, EntryPoint = "sigemptyset")]
    public static partial int SignalsNone(void* signals);

    /// <summary>pidfd_open(2), Linux 5.3.</summary>
    public static int PidFdOpen(int pid) => (int)SystemCall(SysPidfdOpen, pid, 0, 0, 0);

    /// <summary>pidfd_send_signal(2), Linux 5.1.</summary>
    public static int PidFdSendSignal(int pidfd, int signal) => (int)SystemCall(SysPidfdSendSignal, pidfd, signal, 0, 0);

    /// <summary>The error of the last call of this thread, with the call's name.</summary>
    public static Exception Error(string call) => Error(call, Marshal.GetLastPInvokeError());

    /// <summary>An error with errno in <see cref="Exception.HResult"/>, as the base library's own I/O errors have it.</summary>
    public static Exception Error(string call, int errno) =>
        new IOException($"{call}: {Marshal.GetPInvokeErrorMessage(errno)}", new Win32Exception(errno)) { HResult = errno };

    [LibraryImport(Libc, EntryPoint = "syscall", SetLastError = true)]
    private static partial long SystemCall(long number, long first, long second, long third, long fourth);

    /// <summary>struct pollfd of poll(2).</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PollEntry
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    /// <summary>struct rlimit64 of getrlimit(2).</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct ResourceLimit
    {
        public ulong Soft;
        public ulong Hard;
    }
}
