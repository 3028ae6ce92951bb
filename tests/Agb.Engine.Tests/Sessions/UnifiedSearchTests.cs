namespace Agb.Engine.Tests.Sessions;

/// <summary>Where groups of version 2 are made, in the layouts that services and logins have.</summary>
public sealed class UnifiedSearchTests : IDisposable
{
    private readonly FakeUnified _tree = new("cpuset cpu io memory hugetlb pids", shares: "cpu memory pids");

    [Fact]
    public void A_delegated_unit_whose_processes_are_in_a_subgroup_is_the_base()
    {
        // Delegate=yes and DelegateSubgroup=server.
        _tree.Make("system.slice", "cpu memory pids", hasProcesses: false);
        var unit = _tree.Make("system.slice/agb.service", "", hasProcesses: false);
        var own = _tree.Make("system.slice/agb.service/server", "", hasProcesses: true);

        var bases = _tree.Search(own);

        ShouldBe(bases, unit, "memory", "pids", "cpu");
        _tree.Shares(unit).ShouldBe(["memory", "pids", "cpu"]);
        // One controller a line.
        _tree.Lines.Where(l => !l.StartsWith("system.slice/agb.service/server/", StringComparison.Ordinal))
            .ShouldBe(new[] { "memory", "pids", "cpu" }.Select(c => $"system.slice/agb.service/cgroup.subtree_control +{c}"));
    }

    [Fact]
    public void A_group_that_has_processes_shares_nothing_out_so_the_one_above_is_the_base()
    {
        var slice = _tree.Make("system.slice", "cpu memory pids", hasProcesses: false);
        var own = _tree.Make("system.slice/agb.service", "", hasProcesses: true);

        ShouldBe(_tree.Search(own), slice, "memory", "pids", "cpu");
        _tree.Shares(own).ShouldBeEmpty();
        _tree.Type(own).ShouldBe("domain", "a group that was asked for a controller of threads is one of threads for good");
        _tree.Lines.ShouldNotContain(l => l.StartsWith("system.slice/agb.service/cgroup", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(24)]
    [InlineData(12)]
    public void A_host_without_room_is_an_error_and_no_answer(int errno)
    {
        _tree.MakeFails = new IOException("no room", errno);
        Should.Throw<IOException>(() => _tree.Search(_tree.Root)).HResult.ShouldBe(errno);
        _tree.MakeFails = new IOException("not permitted", 1);
        var bases = _tree.Search(_tree.Root);
        ShouldBe(bases, _tree.Root);
        bases.IsOfMoment.ShouldBeFalse();
    }

    [Fact]
    public void Too_many_groups_and_a_program_that_is_late_are_answers_of_the_moment()
    {
        _tree.MakeFails = new IOException("too many groups", 11);
        var bases = _tree.Search(_tree.Root);
        ShouldBe(bases, _tree.Root);
        (bases.IsOfMoment, bases.Reason("pids").Length > 0).ShouldBe((true, true));

        (_tree.MakeFails, _tree.EnterFails) = (null, new TimeoutException("late"));
        bases = _tree.Search(_tree.Root);
        ShouldBe(bases, _tree.Root);
        (bases.IsOfMoment, bases.Reason("pids")).ShouldBe((true, "late"));

        _tree.EnterFails = null;
        bases = _tree.Search(_tree.Root);
        ShouldBe(bases, _tree.Root, "memory", "pids", "cpu");
        bases.IsOfMoment.ShouldBeFalse();
    }

    [Fact]
    public void A_group_higher_up_is_taken_when_it_offers_more()
    {
        // A login whose manager was given memory and pids only.
        var user = _tree.Make("user.slice", "memory pids", hasProcesses: false);
        _tree.Make("user.slice/manager", "memory pids", hasProcesses: false);
        var own = _tree.Make("user.slice/manager/scope", "", hasProcesses: false);

        ShouldBe(_tree.Search(own), user, "memory", "pids", "cpu");
        // What the lower groups don't have is not asked for by trial: nothing was shared out in the middle one, which offers no more.
        _tree.Lines.ShouldNotContain(l => l.StartsWith("user.slice/manager/cgroup", StringComparison.Ordinal));
    }

    [Fact]
    public void Where_higher_groups_are_closed_the_lower_one_that_offers_most_is_taken_and_the_rest_has_a_reason()
    {
        _tree.Make("user.slice", "memory pids", hasProcesses: false);
        _tree.Make("user.slice/manager", "memory pids", hasProcesses: false);
        var own = _tree.Make("user.slice/manager/scope", "", hasProcesses: false);
        _tree.Close($"{_tree.Root}/user.slice");
        _tree.Close(_tree.Root);

        var bases = _tree.Search(own);

        ShouldBe(bases, own, "memory", "pids");
        bases.Of("cpu").ShouldBeNull();
        bases.Reason("cpu").ShouldNotBeEmpty();
    }

    [Fact]
    public void Where_nothing_can_be_entered_every_controller_has_a_reason()
    {
        var own = _tree.Make("scope", "", hasProcesses: true);
        _tree.Close(own);
        _tree.Close(_tree.Root);
        var bases = _tree.Search(own);
        ShouldBe(bases, own);
        FakeUnified.Files.Keys.ShouldAllBe(c => bases.Reason(c).Length > 0);
    }

    [Fact]
    public void The_root_shares_out_though_it_has_processes()
    {
        using var host = new FakeUnified("cpu memory pids");
        ShouldBe(host.Search(host.Root), host.Root, "memory", "pids", "cpu");
        host.Shares(host.Root).ShouldBe(["memory", "pids", "cpu"]);
    }

    [Fact]
    public void A_trial_leaves_no_group()
    {
        _tree.Search(_tree.Root);
        Directory.EnumerateDirectories(_tree.Root).ShouldBeEmpty();
    }

    public void Dispose() => _tree.Dispose();

    private static void ShouldBe(ControlGroupBases bases, string directory, params string[] controllers)
    {
        foreach (var controller in FakeUnified.Files.Keys)
        {
            bases.Of(controller).ShouldBe(controllers.Contains(controller) ? (directory, true) : null, controller);
        }
    }
}
