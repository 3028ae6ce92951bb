namespace Agb.Engine.Tests.Sessions;

/// <summary>What is written to the files of a group of version 2 and read from them, in directories that stand in for it.</summary>
public sealed class UnifiedLimitTests : IDisposable
{
    private readonly FakeUnified _tree = new("cpu memory pids");

    [Fact]
    public void Limits_are_set_in_a_group_above_the_one_that_the_session_enters()
    {
        var plan = LimitPlan.For("s-1", new() { MemoryBytes = 64 << 20, Processes = 40, Cpus = 0.25 }, _tree.Search(_tree.Root));
        var group = plan.Groups.ShouldHaveSingleItem();
        group.ShouldBe($"{_tree.Root}/agb-s-1");
        Directory.Exists(group).ShouldBeFalse("a plan changes nothing");
        // A host that counts swap, and a kernel that bounds the groups below.
        Directory.CreateDirectory(group);
        File.WriteAllText($"{group}/memory.swap.max", "max\n");
        File.WriteAllText($"{group}/cgroup.max.descendants", "max\n");

        var controls = plan.Apply(_tree.Root);

        Read("memory.max").ShouldBe("67108864");
        Read("memory.swap.max").ShouldBe("0");
        Read("pids.max").ShouldBe("40");
        Read("cpu.max").ShouldBe("25000 100000");
        Read("cgroup.max.descendants").ShouldStartWith("1");
        controls.Groups.ShouldBe([group]);
        controls.Entrances.ShouldBe([$"{group}/run"]);
        Directory.EnumerateFileSystemEntries($"{group}/run").ShouldBeEmpty();
        controls.Rlimits.ShouldBeEmpty();
        plan.States.ShouldAllBe(s => s.Mechanism == AgbLimitMechanism.CgroupV2 && s.Holds);
        // The kernel ends one process at the memory limit, not all: memory.oom.group stays as it is made.
        File.Exists($"{group}/memory.oom.group").ShouldBeFalse();

        string Read(string file) => File.ReadAllText($"{group}/{file}");
    }

    [Fact]
    public void Files_that_a_kernel_does_not_have_are_not_made()
    {
        var group = LimitPlan.For("s-1", new() { MemoryBytes = 64 << 20 }, _tree.Search(_tree.Root)) is var plan && plan.Apply(_tree.Root) is { } c
            ? c.Groups.Single() : "";
        Directory.EnumerateFiles(group).Select(Path.GetFileName).ShouldBe(["memory.max"]);
    }

    [Theory]
    [InlineData(0.001, "1000 100000")]
    [InlineData(0.25, "25000 100000")]
    [InlineData(1, "100000 100000")]
    [InlineData(2.5, "250000 100000")]
    public void A_CPU_limit_is_a_quota_and_its_period(double cpus, string expected)
    {
        SessionControlGroups.SetCpus(_tree.Root, isV2: true, cpus);
        File.ReadAllText($"{_tree.Root}/cpu.max").ShouldBe(expected);
    }

    [Fact]
    public void Controllers_of_both_versions_are_used_side_by_side()
    {
        var v1 = Directory.CreateDirectory($"{_tree.Root}/v1").FullName;
        // A hybrid host: pids stayed in a hierarchy of version 1.
        var trial = _tree.Trial with
        {
            Make = group =>
            {
                Directory.CreateDirectory(group);
                var isV1 = group.StartsWith(v1, StringComparison.Ordinal);
                foreach (var file in isV1 ? (string[])["pids.max"] : ["memory.max", "cpu.max"])
                {
                    File.WriteAllText($"{group}/{file}", "max\n");
                }
            },
        };
        var bases = ControlGroupBases.Search(
            FakeUnified.Files, c => c == "pids" ? new ControllerPlace(false, v1, v1) : new ControllerPlace(true, _tree.Root, _tree.Root), trial);

        var controls = LimitPlan.For("s-1", new() { MemoryBytes = 64 << 20, Processes = 40, Cpus = 1 }, bases).Apply(_tree.Root);

        controls.Groups.ShouldBe([$"{_tree.Root}/agb-s-1", $"{v1}/agb-s-1"], ignoreOrder: true);
        controls.Entrances.ShouldBe([$"{_tree.Root}/agb-s-1/run", $"{v1}/agb-s-1"], ignoreOrder: true);
        File.ReadAllText($"{v1}/agb-s-1/pids.max").ShouldBe("40");
        controls.States.Select(s => s.Mechanism).ShouldBe([AgbLimitMechanism.CgroupV2, AgbLimitMechanism.CgroupV1, AgbLimitMechanism.CgroupV2]);
    }

    [Theory]
    [InlineData(AgbLimitKind.Memory, "memory.events", "low 0\nhigh 3\nmax 12\noom 2\noom_kill 2\noom_group_kill 1\n", 2)]
    [InlineData(AgbLimitKind.Memory, "memory.events", "low 0\nhigh 3\nmax 12\noom 2\n", 0)]
    [InlineData(AgbLimitKind.Processes, "pids.events", "max 7\n", 7)]
    public void Counters_are_read_by_their_whole_names(AgbLimitKind limit, string file, string content, long expected)
    {
        File.WriteAllText($"{_tree.Root}/{file}", content);
        var (path, key) = SessionControlGroups.CounterOf(limit, _tree.Root, isV2: true);
        path.ShouldBe($"{_tree.Root}/{file}");
        SessionControlGroups.ReadCounter(path, key).ShouldBe(expected);
    }

    [Fact]
    public void A_counter_of_a_group_that_is_gone_is_zero() =>
        SessionControlGroups.ReadCounter($"{_tree.Root}/gone/memory.events", "oom_kill").ShouldBe(0);

    public void Dispose() => _tree.Dispose();
}
