namespace Agb.Linux;

/// <summary>The inherited disposition of SIGCHLD. A parent with an ignored SIGCHLD passes it on (execve(2)), and the kernel
/// then keeps no status of ended children: waitpid(2) finds no child, and .NET never sees its children end.</summary>
public static class ChildSignal
{
    private const int SigChild = 17;

    private static readonly Lazy<bool> s_done = new(Reset);

    /// <summary>Sets it to the default, if it is ignored. Call it before the first child.</summary>
    public static void BeDefault() => WasIgnored();

    /// <summary>Sets it to the default, if it is ignored.</summary>
    /// <returns>Whether it was ignored at the first call in this process.</returns>
    internal static bool WasIgnored() => s_done.Value;

    private static bool Reset()
    {
        var isIgnored = ((ProcessTable.ReadOwnMask("SigIgn") >> (SigChild - 1)) & 1) != 0;
        if (isIgnored && ProcessLibc.Signal(SigChild, 0) == -1)
        {
            throw ProcessLibc.Error("signal SIGCHLD");
        }
        return isIgnored;
    }
}
