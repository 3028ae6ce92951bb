namespace Agb.Server;

/// <summary>Divides the process's limit of open files (RLIMIT_NOFILE). Without a free descriptor no connection can be accepted,
/// and the runtime itself may crash; so calls and connections have lower limits.</summary>
/// <param name="Handles">The limit of open files.</param>
internal sealed record HandleBudget(long Handles)
{
    /// <summary>The least number for a server's start.</summary>
    internal const int Least = 512;

    // For the runtime, the program's own files, logs and a few catalogs.
    private const int Base = 320;

    // Pipes, process and event descriptors, connections to the catalog, directories in a walk.
    private const int PerCall = 16;

    /// <summary>The budget of this process. The runtime has raised the soft limit to the hard limit.</summary>
    internal static HandleBudget Own { get; } = new(Parse(File.ReadAllText("/proc/self/limits")));

    /// <summary>The most concurrent calls.</summary>
    internal int Calls => Share(2 * PerCall);

    /// <summary>The most connections. Each can need a second connection, to a port of a session.</summary>
    internal int Connections => Share(8);

    /// <summary>The most concurrent refusals of further connections; few enough for the runtime's share.</summary>
    internal int Refusals => Math.Min(Share(32), 32);

    /// <summary>The most WebSockets; they are counted separately from connections.</summary>
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
