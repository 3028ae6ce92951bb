using System.Diagnostics;

namespace Agb.Engine.Tests.Sessions;

/// <summary>Groups of version 2 of the real kernel, in a part of the tree of their own. Any controller stands for the others: what a
/// hybrid host leaves to version 2 is enough.</summary>
public sealed class UnifiedGroupTests : IDisposable
{
    private readonly List<Process> _processes = [];
    private readonly string _mount = "";
    private readonly string _top = "";
    private readonly string _controller = "";
    private readonly string _file = "";
    private readonly bool _hasShared;

    public UnifiedGroupTests()
    {
        // Each of these with a file that a group has of it.
        foreach (var (controller, file) in new[] { ("pids", "pids.max"), ("memory", "memory.max"), ("hugetlb", "hugetlb.2MB.max"), ("misc", "misc.max") })
        {
            if (ControlGroupLayout.Find(controller) is { IsV2: true } place)
            {
                (_mount, _controller, _file) = (place.MountPoint, controller, file);
                break;
            }
        }
        Assert.SkipWhen(_controller.Length == 0, "No hierarchy of version 2 with a controller is mounted here.");
        _top = $"{_mount}/agb-test-{Guid.NewGuid():n}";
        try
        {
            _hasShared = !Shares(_mount);
            if (_hasShared)
            {
                File.WriteAllText($"{_mount}/cgroup.subtree_control", $"+{_controller}");
            }
            Directory.CreateDirectory(_top);
            File.WriteAllText($"{_top}/cgroup.subtree_control", $"+{_controller}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Dispose();
            Assert.Skip($"Groups of version 2 can't be made here: {e.Message}");
        }
    }

    [Fact]
    public void A_delegated_unit_whose_processes_are_in_a_subgroup_is_the_base()
    {
        var unit = Make("unit");
        var own = Make("unit/server");
        Enter(own);

        Search(own).Of(_controller).ShouldBe((unit, true));

        Shares(unit).ShouldBeTrue();
        Shares(own).ShouldBeFalse();
        Directory.EnumerateDirectories(unit).ShouldBe([own], "a trial leaves no group");
    }

    [Fact]
    public void A_group_that_has_processes_shares_nothing_out_so_the_one_above_is_the_base()
    {
        var own = Make("unit");
        Enter(own);
        Should.Throw<IOException>(() => File.WriteAllText($"{own}/cgroup.subtree_control", $"+{_controller}"), "the kernel's rule");

        Search(own).Of(_controller).ShouldBe((_top, true));
    }

    [Fact]
    public void A_sessions_group_takes_processes_below_its_limits_and_no_more_groups()
    {
        SessionControlGroups.Make($"{_top}/agb-s", isV2: true);
        var entrance = SessionControlGroups.EntranceOf($"{_top}/agb-s", isV2: true);
        var process = Enter(entrance);
        File.ReadAllLines($"{entrance}/cgroup.procs").ShouldContain($"{process.Id}");
        // The limits' files are in the upper group only: nothing is shared out to where the session is.
        File.Exists($"{_top}/agb-s/{_file}").ShouldBeTrue();
        File.Exists($"{entrance}/{_file}").ShouldBeFalse();
        Should.Throw<IOException>(() => Directory.CreateDirectory($"{entrance}/more"));
    }

    [Fact]
    public void Removing_a_group_ends_what_is_in_it_and_below()
    {
        var group = Make("agb-s");
        var processes = new[] { Enter(Make("agb-s/run")), Enter(Make("agb-s/run/deep")), Enter(Make("agb-s/run/deep/deeper")) };

        SessionControlGroups.Remove([group]);

        Directory.Exists(group).ShouldBeFalse();
        foreach (var process in processes)
        {
            process.WaitForExit(TimeSpan.FromSeconds(20)).ShouldBeTrue();
        }
        SessionControlGroups.Remove([group]);
    }

    [Fact]
    public void A_fork_bomb_does_not_outrun_the_removal()
    {
        var group = Make("agb-s");
        var run = Make("agb-s/run");
        // Each child is forked anew by the next before it ends; a hundred at a time at most.
        var bomb = Enter(run, "f() { sleep 0.001; f & }; for i in 1 2 3 4 5 6 7 8 9 10; do f & done; wait; sleep 1000");
        SpinWait.SpinUntil(() => File.ReadAllLines($"{run}/cgroup.procs").Length > 5, TimeSpan.FromSeconds(20)).ShouldBeTrue();

        SessionControlGroups.Remove([group]);

        Directory.Exists(group).ShouldBeFalse();
        bomb.WaitForExit(TimeSpan.FromSeconds(20)).ShouldBeTrue();
    }

    public void Dispose()
    {
        if (_top.Length > 0)
        {
            SessionControlGroups.Remove([_top]);
            if (_hasShared && Shares(_mount))
            {
                File.WriteAllText($"{_mount}/cgroup.subtree_control", $"-{_controller}");
            }
        }
        _processes.ForEach(p => p.Dispose());
    }

    private string Make(string name) => Directory.CreateDirectory($"{_top}/{name}").FullName;

    /// <summary>Starts a program that enters a group as those of sessions do, and waits until it is in.</summary>
    private Process Enter(string group, string script = "exec sleep 1000")
    {
        var process = Process.Start(new ProcessStartInfo(
            "sh", ["-c", SessionControlGroups.EnterScript + "\necho in\n" + script, "sh", "1", group]) { RedirectStandardOutput = true })!;
        _processes.Add(process);
        process.StandardOutput.ReadLine().ShouldBe("in");
        return process;
    }

    private ControlGroupBases Search(string own) => ControlGroupBases.Search(
        new Dictionary<string, (string V1, string V2)> { [_controller] = ("", _file) }, _ => new ControllerPlace(true, _mount, own), GroupTrial.OfKernel);

    private bool Shares(string group) => File.ReadAllText($"{group}/cgroup.subtree_control").Split().Contains(_controller);
}
