namespace Agb.Engine.Tests.Sessions;

/// <summary>A start that has no room tells the session's own limit from the host's.</summary>
public sealed class StartLimitTests : IDisposable
{
    private const string NoFork = "/bin/sh: 3: Cannot fork";
    private const string NoThread = "bwrap: Creating new namespace failed: Resource temporarily unavailable";

    private readonly string _events = Path.GetTempFileName();

    [Theory]
    [InlineData(NoFork)]
    [InlineData(NoThread)]
    public void A_start_that_its_group_counted_out_names_the_sessions_limit(string said)
    {
        File.WriteAllText(_events, "max 1\n");
        var error = StartFailure.From("/s", said, Controls(AgbLimitMechanism.CgroupV2, new LimitCounter(AgbLimitKind.Processes, _events, "max")));
        (error.ErrorId, error.Kind).ShouldBe((AgbErrorIds.SessionLimitReached, AgbErrorKind.ResourceExhausted), error.Message);
        error.Message.ShouldContain(said);
    }

    [Fact]
    public void Where_nothing_counts_a_fork_that_failed_tells_as_much()
    {
        StartFailure.From("/s", NoFork, Controls(AgbLimitMechanism.Rlimit)).ErrorId.ShouldBe(AgbErrorIds.SessionLimitReached);
        StartFailure.From("/s", NoThread, Controls(AgbLimitMechanism.Rlimit)).ErrorId.ShouldBe(AgbErrorIds.HostExhausted);
        StartFailure.From("/s", NoFork, Controls(AgbLimitMechanism.None)).ErrorId.ShouldBe(AgbErrorIds.HostExhausted);
    }

    [Fact]
    public void A_session_that_did_not_reach_its_limit_is_not_named()
    {
        File.WriteAllText(_events, "max 0\n");
        StartFailure.From("/s", NoThread, Controls(AgbLimitMechanism.CgroupV2, new LimitCounter(AgbLimitKind.Processes, _events, "max")))
            .ErrorId.ShouldBe(AgbErrorIds.HostExhausted);
        // Another limit's count says nothing about processes.
        File.WriteAllText(_events, "oom_kill 3\n");
        StartFailure.From("/s", NoThread, Controls(AgbLimitMechanism.CgroupV2, new LimitCounter(AgbLimitKind.Memory, _events, "oom_kill")))
            .ErrorId.ShouldBe(AgbErrorIds.HostExhausted);
        StartFailure.From("/s", NoThread).ErrorId.ShouldBe(AgbErrorIds.HostExhausted);
    }

    public void Dispose() => File.Delete(_events);

    private static SandboxControls Controls(AgbLimitMechanism mechanism, params LimitCounter[] counters) => SandboxControls.None with
    {
        Counters = counters,
        States = [new AgbLimitState { Limit = AgbLimitKind.Processes, Value = 16, Mechanism = mechanism, Detail = "" }],
    };
}
