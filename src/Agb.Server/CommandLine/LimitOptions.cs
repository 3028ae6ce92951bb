using System.CommandLine;

namespace Agb.Server;

/// <summary>The options for the default limits of sessions; 0 is no limit.</summary>
internal sealed class LimitOptions
{
    private const long MostMib = long.MaxValue >> 20;

    private readonly Option<long> _memory = new("--memory-limit-mib") { Description = "Default memory limit of a session, in MiB; 0 for no limit." };
    private readonly Option<int> _processes = new("--process-limit") { Description = "Default limit of a session's processes and threads; 0 for no limit." };
    private readonly Option<double> _cpus = new("--cpu-limit") { Description = "Default CPU limit of a session, in CPUs, such as 0.5 or 2; 0 for no limit." };
    private readonly Option<long> _disk = new("--disk-limit-mib") { Description = "Default disk limit of a session, in MiB of written and not removed data; 0 for no limit." };
    private readonly Option<int> _openFiles = new("--open-file-limit") { Description = "Default limit of open files for each process of a session; 0 for no limit." };

    /// <summary>Adds the options to a command.</summary>
    internal void AddTo(Command command)
    {
        // A larger number would overflow in bytes.
        CommandTree.Between(_memory, 0, MostMib);
        CommandTree.Between(_disk, 0, MostMib);
        CommandTree.Add(command, _memory, _processes, _cpus, _disk, _openFiles);
    }

    /// <summary>The limits of a command line. Their validity is checked with the other settings.</summary>
    internal AgbSessionLimits Read(ParseResult parsed) => new()
    {
        MemoryBytes = parsed.GetValue(_memory) is not 0 and var memory ? memory << 20 : null,
        Processes = parsed.GetValue(_processes) is not 0 and var processes ? processes : null,
        Cpus = parsed.GetValue(_cpus) is not 0 and var cpus ? cpus : null,
        DiskBytes = parsed.GetValue(_disk) is not 0 and var disk ? disk << 20 : null,
        OpenFiles = parsed.GetValue(_openFiles) is not 0 and var files ? files : null,
    };
}
