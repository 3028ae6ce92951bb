using System.Globalization;
using System.Runtime.InteropServices;

namespace Agb.Linux;

/// <summary>SIGCHLD as this process found it. A parent that ignored it hands that on (execve(2)), and then the kernel keeps no word of how a
/// child ended: waitpid(2) says that there is none, and .NET never hears of its own.</summary>
public static partial class ChildSignal
{
    private const int SigChild = 17;

    private static readonly Lazy<bool> s_done = new(Reset);

    /// <summary>Sets it to the default, if it is ignored. Before the first child.</summary>
    public static void BeDefault() => WasIgnored();

    /// <summary>Sets it to the default, if it is ignored.</summary>
    /// <returns>Whether it was ignored when this process first asked.</returns>
    internal static bool WasIgnored() => s_done.Value;

    private static bool Reset()
    {
        const string Name = "SigIgn:";
        var line = File.ReadLines("/proc/self/status").First(l => l.StartsWith(Name, StringComparison.Ordinal));
        var ignored = ulong.Parse(line[Name.Length..].Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        var isIgnored = ((ignored >> (SigChild - 1)) & 1) != 0;
        if (isIgnored && Signal(SigChild, 0) == -1)
        {
            throw ProcessLibc.Error("signal SIGCHLD");
        }
        return isIgnored;
    }

    [LibraryImport("libc", EntryPoint = "signal", SetLastError = true)]
    private static partial nint Signal(int number, nint handler);
}
