namespace Agb.Conformance.Sessions;

/// <summary>Tests of session limits, where every host supports them.</summary>
[RunsOn(Services.Overlay | Services.Server)]
public sealed class SessionLimitTests : ServiceTest
{
    private const long MiB = 1 << 20;

    [Fact]
    public async Task A_session_has_the_limits_that_were_asked_for_and_says_how_they_hold()
    {
        var limits = new AgbSessionLimits { MemoryBytes = 256 * MiB, Processes = 200, Cpus = 1.5, DiskBytes = 32 * MiB, OpenFiles = 256 };
        var session = await StartAsync(new AgbSessionRequest { Limits = limits });
        session.Limits.ShouldBe(limits);
        session.LimitStates.Select(s => s.Limit).ShouldBe(Enum.GetValues<AgbLimitKind>());
        session.LimitStates.ShouldAllBe(s => s.Detail.Length > 0 && s.Value > 0);
        (await ShellAsync(session, "ulimit -n")).ShouldBe("256");
        var found = await Service.GetSessionAsync(session, Token);
        found.Limits.ShouldBe(limits);
        found.LimitStates.ShouldBe(session.LimitStates);
    }

    [Fact]
    public async Task A_session_without_limits_says_that_it_has_none()
    {
        var session = await StartAsync();
        session.Limits.ShouldBe(AgbSessionLimits.None);
        session.LimitStates.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_result_names_the_limit_that_was_reached()
    {
        var session = await StartAsync(new AgbSessionRequest { Limits = new() { DiskBytes = 8 * MiB } });
        var result = await RunAsync(session, "for i in $(seq 200); do head -c 1M /dev/zero > ~/f$i; done; sleep 200");
        (result.LimitReached, result.TimedOut, result.Success).ShouldBe((AgbLimitKind.Disk, false, false));
        (await RunAsync(session, "rm ~/f*")).LimitReached.ShouldBeNull();
    }

    [Fact]
    public async Task Limits_that_no_session_can_have_are_refused()
    {
        foreach (var limits in new AgbSessionLimits[]
        {
            new() { MemoryBytes = 1000 }, new() { Processes = 1 }, new() { Cpus = double.NaN }, new() { DiskBytes = 10 }, new() { OpenFiles = 3 },
        })
        {
            await RefusesSessionAsync(AgbErrorIds.InvalidSessionOption, new AgbSessionRequest { Limits = limits });
        }
    }
}
