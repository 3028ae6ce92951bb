namespace Agb.Linux;

/// <summary>The kernel's keyrings (keyrings(7)). Children inherit the session keyring with the keys of the login, such as for a
/// network file system.</summary>
internal static class ProcessKeyring
{
    private const nint JoinSessionKeyring = 1;

    // The number of keyctl(2) differs between architectures.
    private static readonly nint s_keyctl = RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 250,
        Architecture.Arm64 => 219,
        _ => -1,
    };

    /// <summary>Gives this thread and its children an empty session keyring. The thread must be a <see cref="SpawnThread"/>.</summary>
    /// <exception cref="KeyLimitException">The user's key limit is reached.</exception>
    public static void Leave()
    {
        if (s_keyctl < 0 || Posix.Syscall(s_keyctl, JoinSessionKeyring, 0, 0, 0) >= 0)
        {
            return;
        }
        // A kernel without keyrings, or a container with the call forbidden: the session can't call it either.
        if (Marshal.GetLastPInvokeError() is var errno && errno is Errno.ENOSYS or Errno.EPERM or Errno.EACCES)
        {
            return;
        }
        throw new KeyLimitException($"no keyring could be made for it: {Marshal.GetPInvokeErrorMessage(errno)}");
    }
}

/// <summary>The user's key limit is reached (keyrings(7)).</summary>
internal sealed class KeyLimitException(string message) : Exception(message);
