using System.Runtime.InteropServices;

namespace Agb.Linux;

/// <summary>The kernel's keyrings (keyrings(7)). A process hands its session keyring to what it starts, with the keys of whoever
/// logged in, such as for a network file system.</summary>
internal static partial class ProcessKeyring
{
    private const nint JoinSessionKeyring = 1;

    // keyctl(2) has a number of its own on each architecture.
    private static readonly nint s_keyctl = RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 250,
        Architecture.Arm64 => 219,
        _ => -1,
    };

    /// <summary>Gives this thread, and what it starts, an empty session keyring. The thread must be one of <see cref="SpawnThread"/>.</summary>
    /// <exception cref="KeyLimitException">The user may have no more keys.</exception>
    public static void Leave()
    {
        if (s_keyctl < 0 || Keyctl(s_keyctl, JoinSessionKeyring, 0, 0, 0, 0) >= 0)
        {
            return;
        }
        // A kernel without keyrings, or a container that forbids the call, forbids it to the session too.
        if (Marshal.GetLastPInvokeError() is var errno && errno is PosixException.ENOSYS or PosixException.EPERM or PosixException.EACCES)
        {
            return;
        }
        throw new KeyLimitException($"no keyring could be made for it: {Marshal.GetPInvokeErrorMessage(errno)}");
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Keyctl(nint number, nint operation, nint second, nint third, nint fourth, nint fifth);
}

/// <summary>The user may have no more keys (keyrings(7)).</summary>
internal sealed class KeyLimitException(string message) : Exception(message);
