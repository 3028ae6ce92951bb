namespace Agb.Engine.Tests.Sessions;

/// <summary>Directories that stand in for control groups of version 2, by the rules of the kernel's document cgroup-v2.rst: a group has
/// the controllers that the one above shares out, and one that has processes of its own does not share memory out, and becomes one of
/// threads when it is asked to share another, unless it is the root.</summary>
internal sealed class FakeUnified : IDisposable
{
    private const int EBUSY = 16;

    // A file that each controller gives a group.
    internal static readonly IReadOnlyDictionary<string, (string V1, string V2)> Files = new Dictionary<string, (string V1, string V2)>
    {
        ["memory"] = ("memory.limit_in_bytes", "memory.max"),
        ["pids"] = ("pids.max", "pids.max"),
        ["cpu"] = ("cpu.cfs_quota_us", "cpu.max"),
    };

    private readonly HashSet<string> _closed = [];

    /// <summary>What making a group fails with, or null.</summary>
    internal IOException? MakeFails { get; set; }

    /// <summary>What entering a group fails with, or null.</summary>
    internal Exception? EnterFails { get; set; }

    internal FakeUnified(string controllers, string shares = "")
    {
        Root = Directory.CreateTempSubdirectory("agb-fake-groups-").FullName;
        File.WriteAllText($"{Root}/cgroup.controllers", controllers + "\n");
        File.WriteAllText($"{Root}/cgroup.subtree_control", shares + "\n");
        File.WriteAllText($"{Root}/cgroup.procs", "1\n");
    }

    internal string Root { get; }

    /// <summary>Every line that was written to a control file, in order.</summary>
    internal List<string> Lines { get; } = [];

    internal GroupTrial Trial => new(
        MakeOrFail, Write, group => EnterFails is { } e ? throw e : _closed.Contains(Path.GetDirectoryName(group)!) ? "closed" : null,
        TreeRemover.Remove);

    /// <summary>Makes a group, as mkdir(2) does.</summary>
    internal string Make(string name, string shares, bool hasProcesses)
    {
        var group = $"{Root}/{name}";
        Make(group);
        File.WriteAllText($"{group}/cgroup.subtree_control", shares + "\n");
        File.WriteAllText($"{group}/cgroup.procs", hasProcesses ? "42\n" : "");
        return group;
    }

    /// <summary>No process can be moved into the groups of a group.</summary>
    internal void Close(string group) => _closed.Add(group);

    internal ControlGroupBases Search(string own) =>
        ControlGroupBases.Search(Files, _ => new ControllerPlace(true, Root, own), Trial);

    internal IEnumerable<string> Shares(string group) => Words($"{group}/cgroup.subtree_control");

    public void Dispose() => TreeRemover.Remove(Root);

    internal string Type(string group) => File.ReadAllText($"{group}/cgroup.type").Trim();

    private void MakeOrFail(string group)
    {
        if (MakeFails is { } e)
        {
            throw e;
        }
        Make(group);
    }

    private void Make(string group)
    {
        Directory.CreateDirectory(group);
        File.WriteAllText($"{group}/cgroup.type", "domain\n");
        var shared = Shares(Path.GetDirectoryName(group)!);
        File.WriteAllText($"{group}/cgroup.controllers", string.Join(' ', shared) + "\n");
        File.WriteAllText($"{group}/cgroup.subtree_control", "\n");
        File.WriteAllText($"{group}/cgroup.procs", "");
        foreach (var controller in shared)
        {
            File.WriteAllText($"{group}/{Files[controller].V2}", "max\n");
        }
    }

    private void Write(string file, string line)
    {
        Lines.Add($"{Path.GetRelativePath(Root, file)} {line}");
        var group = Path.GetDirectoryName(file)!;
        Path.GetFileName(file).ShouldBe("cgroup.subtree_control");
        line[0].ShouldBe('+');
        if (group != Root && Words($"{group}/cgroup.procs").Any())
        {
            if (line == "+memory")
            {
                throw new IOException("Device or resource busy", EBUSY);
            }
            File.WriteAllText($"{group}/cgroup.type", "domain threaded\n");
        }
        if (!Words($"{group}/cgroup.controllers").Contains(line[1..]))
        {
            throw new FileNotFoundException("No such file or directory");
        }
        File.WriteAllText(file, string.Join(' ', Shares(group).Append(line[1..]).Distinct()) + "\n");
    }

    private static string[] Words(string file) => File.ReadAllText(file).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
}
