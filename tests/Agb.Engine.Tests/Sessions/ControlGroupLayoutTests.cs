namespace Agb.Engine.Tests.Sessions;

/// <summary>Finding controllers in the layouts that hosts have.</summary>
public sealed class ControlGroupLayoutTests
{
    private const string Unified = "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate";

    [Fact]
    public void Version_2_has_one_place_for_all()
    {
        var place = Find("memory", [Unified], ["0::/user.slice/user-1000.slice/session-1.scope"], ["cpu", "memory", "pids"]).ShouldNotBeNull();
        place.ShouldBe(new ControllerPlace(true, "/sys/fs/cgroup", "/sys/fs/cgroup/user.slice/user-1000.slice/session-1.scope"));
        Find("rdma", [Unified], ["0::/"], ["cpu", "memory"]).ShouldBeNull();
    }

    [Fact]
    public void Version_1_has_a_place_for_each()
    {
        string[] mounts =
        [
            "33 31 0:28 / /sys/fs/cgroup/memory rw shared:11 - cgroup cgroup rw,memory",
            "34 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw shared:12 - cgroup cgroup rw,cpu,cpuacct",
            "35 31 0:30 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw",
        ];
        string[] groups = ["4:memory:/a/b:c", "3:cpu,cpuacct:/", "0::/init.scope"];
        Find("memory", mounts, groups, []).ShouldBe(new ControllerPlace(false, "/sys/fs/cgroup/memory", "/sys/fs/cgroup/memory/a/b:c"));
        Find("cpu", mounts, groups, []).ShouldBe(new ControllerPlace(false, "/sys/fs/cgroup/cpu,cpuacct", "/sys/fs/cgroup/cpu,cpuacct"));
        Find("pids", mounts, groups, []).ShouldBeNull();
    }

    [Fact]
    public void A_hybrid_host_has_a_controller_in_one_of_both()
    {
        string[] mounts = ["35 31 0:30 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw", "33 31 0:28 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids"];
        Find("pids", mounts, ["8:pids:/", "0::/"], ["hugetlb"])!.IsV2.ShouldBeFalse();
        Find("hugetlb", mounts, ["8:pids:/", "0::/"], ["hugetlb"])!.IsV2.ShouldBeTrue();
    }

    [Fact]
    public void A_container_may_see_a_part_of_the_tree_only()
    {
        const string Mount = "33 31 0:28 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory";
        Find("memory", [Mount], ["4:memory:/docker/abc"], []).ShouldBe(new ControllerPlace(false, "/sys/fs/cgroup/memory", "/sys/fs/cgroup/memory"));
        Find("memory", [Mount], ["4:memory:/docker/abc/sub"], [])!.OwnDirectory.ShouldBe("/sys/fs/cgroup/memory/sub");
        // The path is the host's and does not exist here.
        ControlGroupLayout.Find("memory", [Mount], ["4:memory:/elsewhere"], _ => [], _ => false)!.OwnDirectory.ShouldBe("/sys/fs/cgroup/memory");
    }

    [Fact]
    public void A_process_outside_of_the_cgroup_namespace_that_it_sees_is_taken_for_one_at_its_root() =>
        Find("memory", [Unified], ["0::/../../elsewhere"], ["memory"])!.OwnDirectory.ShouldBe("/sys/fs/cgroup");

    [Fact]
    public void A_group_that_was_removed_is_not_looked_for() => ControlGroupLayout.Find(
        "memory", [Unified], ["0::/scope (deleted)"], _ => ["memory"], d => !d.EndsWith("(deleted)", StringComparison.Ordinal))!
        .OwnDirectory.ShouldBe("/sys/fs/cgroup");

    private static ControllerPlace? Find(string controller, string[] mounts, string[] groups, string[] unified) =>
        ControlGroupLayout.Find(controller, mounts, groups, _ => unified, _ => true);
}
