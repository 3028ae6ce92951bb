using System.Globalization;

namespace Agb.Server.Load;

/// <summary>Shares out the files that this process may have open (RLIMIT_NOFILE). Without any left nothing can be accepted, and the
/// runtime itself may end; so calls and connections are bounded before that.</summary>
/// <param name="Handles">The files that the process may have open.</param>
internal sealed record HandleBudget(long Handles)
{
    /// <summary>The fewest with which a server starts.</summary>
    internal const int Least = 512;

    // What the runtime, the program's own files, logs and a few catalogs take.
    private const int Base = 320;

    // Pipes, descriptors of processes and events, connections to the catalog, directories that are being walked.
    private const int PerCall = 16;

    /// <summary>The budget of this process. The runtime has raised the limit to the most that it may be.</summary>
    internal static HandleBudget Own { get; } = new(Parse(File.ReadAllText("/proc/self/limits")));

    /// <summary>The most calls that may run at a time.</summary>
    internal int Calls => Share(2 * PerCall);

    /// <summary>The most connections. Each can lead to one of the server's own, to a port of a session.</summary>
    internal int Connections => Share(8);

    /// <summary>The most connections beyond these that are told so at a time; few enough to be of what the runtime is given.</summary>
    internal int Refusals => Math.Min(Share(32), 32);

    /// <summary>The most of them that became WebSockets, which are counted for themselves.</summary>
    internal int Sockets => Share(8);

    /// <summary>Reads proc_pid_limits(5).</summary>
    internal static long Parse(string limits)
    {
        const string Label = "Max open files";
        var line = limits.Split('\n').First(l => l.StartsWith(Label, StringComparison.Ordinal));
        var soft = line[Label.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
        return soft == "unlimited" ? int.MaxValue : long.Parse(soft, CultureInfo.InvariantCulture);
    }

    private int Share(int part) => (int)Math.Clamp((Handles - Base) / part, 1, int.MaxValue);
}
