using Microsoft.Win32.SafeHandles;

namespace Agb.Linux;

/// <summary>Network namespaces of threads (network_namespaces(7)).</summary>
internal static class NetworkNamespace
{
    private const int CloneNewNet = 0x40000000;

    /// <summary>Gives this thread, a <see cref="SpawnThread"/>, a new network namespace with nothing but a loopback device that is down.</summary>
    /// <returns>The namespace; it exists as long as the handle or a process in it.</returns>
    /// <exception cref="IOException">The kernel refuses; HResult is the errno.</exception>
    public static SafeFileHandle EnterNew()
    {
        if (ProcessLibc.Unshare(CloneNewNet) != 0)
        {
            throw ProcessLibc.Error("unshare failed");
        }
        return Open("/proc/thread-self/ns/net");
    }

    /// <summary>Opens the network namespace of a process.</summary>
    /// <exception cref="IOException">The process is gone.</exception>
    /// <exception cref="UnauthorizedAccessException">It belongs to another user.</exception>
    public static SafeFileHandle Of(int pid) => Open(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/ns/net"));

    /// <summary>Does work on a thread in a network namespace. For root: others would have to enter its user namespace, refused by the
    /// kernel to processes with several threads (setns(2)).</summary>
    /// <exception cref="IOException">The kernel refuses; HResult is the errno.</exception>
    public static T In<T>(SafeFileHandle space, Func<T> work)
    {
        T? result = default;
        SpawnThread.Run(() =>
        {
            if (ProcessLibc.SetNamespace((int)space.DangerousGetHandle(), CloneNewNet) != 0)
            {
                throw ProcessLibc.Error("setns failed");
            }
            result = work();
        });
        GC.KeepAlive(space);
        return result!;
    }

    private static SafeFileHandle Open(string path) => File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
}
