namespace Agb.Engine.Tests.Sandbox;

/// <summary>Suspended sandboxes, by each of the means: no process of theirs runs, and all go on afterwards as they were.</summary>
public sealed class SleepTests : SandboxTest
{
    // Busy, forking, and one in a pid namespace of its own.
    private const string Work =
        """
        (while :; do :; done) >/dev/null 2>&1 &
        (while :; do (:); done) >/dev/null 2>&1 &
        setsid unshare --user --map-current-user --pid --fork sh -c 'while :; do :; done' >/dev/null 2>&1 &
        """;

    public static TheoryData<int> Means => [(int)Freezers.All, (int)Freezers.Legacy, (int)Freezers.None];

    [Theory]
    [MemberData(nameof(Means))]
    public async Task A_suspended_sandbox_uses_no_processor_time(int means)
    {
        var (driver, session) = await StartAsync(means, Work);
        for (var round = 0; round < 3; round++)
        {
            await driver.SuspendAsync(session.Handle, session.Directory, Token);
            driver.IsAsleep(session.Directory).ShouldBeTrue();
            var before = Used(session.Handle);
            await Task.Delay(200, Token);
            Used(session.Handle).ShouldBe(before);
            before.Length.ShouldBeGreaterThan(3);

            Wake(driver, session);
            driver.IsAsleep(session.Directory).ShouldBeFalse();
            await Eventually.HoldsAsync("the processes go on", () => Used(session.Handle).Sum(u => u.Ticks) > before.Sum(u => u.Ticks));
            (await session.OutputAsync("echo awake")).ShouldBe("awake");
        }
    }

    [Theory]
    [MemberData(nameof(Means))]
    public async Task A_process_stopped_by_the_session_stays_stopped(int means)
    {
        var (driver, session) = await StartAsync(means, "sleep 1000 >/dev/null 2>&1 & sleep 2000 >/dev/null 2>&1 &");
        await StopOneAsync(session);
        await driver.SuspendAsync(session.Handle, session.Directory, Token);
        Wake(driver, session);
        (await session.OutputAsync("ps -eo stat=,args= | grep 'sleep [12]000$' | cut -c1 | sort | tr -d '\\n'")).ShouldBe("ST");
    }

    [Theory]
    [MemberData(nameof(Means))]
    public async Task A_suspended_sandbox_can_be_cleaned_up(int means)
    {
        var (driver, session) = await StartAsync(means, Work);
        await driver.SuspendAsync(session.Handle, session.Directory, Token);
        var group = SleepRecords.TryReadGroup(session.Directory);
        await driver.CleanUpAsync(session.Directory, Token);
        driver.IsAlive(session.Handle).ShouldBeFalse();
        SleepingProcessesOf(session.Handle).ShouldBeEmpty();
        (group is null || !Directory.Exists(group.Directory)).ShouldBeTrue();
    }

    [Theory]
    [MemberData(nameof(Means))]
    public async Task A_sandbox_resumed_after_its_suspension_can_be_cleaned_up(int means)
    {
        var (driver, session) = await StartAsync(means, Work);
        await driver.SuspendAsync(session.Handle, session.Directory, Token);
        Wake(driver, session);
        var group = SleepRecords.TryReadGroup(session.Directory);
        await driver.StopAsync(session.Handle, Token);
        await driver.CleanUpAsync(session.Directory, Token);
        SleepingProcessesOf(session.Handle).ShouldBeEmpty();
        (group is null || !Directory.Exists(group.Directory)).ShouldBeTrue();
    }

    [Theory]
    [InlineData((int)Freezers.All)]
    [InlineData((int)Freezers.None)]
    public async Task A_suspended_sandbox_ends_at_its_lifetime(int means)
    {
        var driver = new BubblewrapDriver(Home, TimeProvider.System) { Freezers = (Freezers)means };
        var session = await StartAsync(lifetime: TimeSpan.FromSeconds(3));
        await driver.SuspendAsync(session.Handle, session.Directory, Token);
        if (SleepRecords.TryReadGroup(session.Directory) is { IsV2: false })
        {
            Assert.Skip("Processes frozen by version 1 end when they are resumed.");
        }
        await Eventually.HoldsAsync("the sandbox has ended", () => !driver.IsAlive(session.Handle));
        Wake(driver, session);
        (await Should.ThrowAsync<AgbException>(session.RunAsync("true"))).ErrorId.ShouldBe(AgbErrorIds.SessionNotRunning);
    }

    [Fact]
    public async Task A_suspension_cut_off_between_its_signals_is_undone()
    {
        var (driver, session) = await StartAsync((int)Freezers.None, "sleep 1000 >/dev/null 2>&1 & sleep 2000 >/dev/null 2>&1 &");
        await StopOneAsync(session);
        await driver.SuspendAsync(session.Handle, session.Directory, Token);
        // As written before the first signal.
        SleepRecords.Write(session.Directory, SleepRecords.TryRead(session.Directory).ShouldNotBeNull() with { Stopped = null });
        Wake(driver, session);
        (await session.OutputAsync("ps -eo stat=,args= | grep 'sleep [12]000$' | cut -c1 | sort | tr -d '\\n'")).ShouldBe("ST");
    }

    [Fact]
    public async Task A_suspension_cut_off_before_its_first_process_is_undone()
    {
        var (driver, session) = await StartAsync((int)Freezers.All, Work);
        SleepRecords.Write(session.Directory, new SleepRecord(session.Handle.BootId, null));
        driver.IsAsleep(session.Directory).ShouldBeTrue();
        Wake(driver, session);
        driver.IsAsleep(session.Directory).ShouldBeFalse();
        (await session.OutputAsync("echo awake")).ShouldBe("awake");
    }

    [Fact]
    public async Task A_record_of_a_suspension_stays_until_it_is_noted_elsewhere()
    {
        var (driver, session) = await StartAsync((int)Freezers.All, "true");
        await driver.SuspendAsync(session.Handle, session.Directory, Token);
        driver.Resume(session.Directory, () => session.Handle);
        driver.IsAsleep(session.Directory).ShouldBeTrue();
        (await session.OutputAsync("echo awake")).ShouldBe("awake");
        Wake(driver, session);
        driver.IsAsleep(session.Directory).ShouldBeFalse();
    }

    [Fact]
    public async Task A_suspension_and_many_resumes_at_once_leave_the_sandbox_awake()
    {
        var (driver, session) = await StartAsync((int)Freezers.All, Work);
        for (var i = 0; i < 5; i++)
        {
            await driver.SuspendAsync(session.Handle, session.Directory, Token);
            await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(
                () =>
                {
                    driver.Resume(session.Directory, () => session.Handle);
                    driver.EndSleep(session.Directory);
                },
                Token)));
            (await session.OutputAsync("echo awake")).ShouldBe("awake");
        }
    }

    [Fact]
    public async Task An_ended_sandbox_is_not_suspended()
    {
        var (driver, session) = await StartAsync((int)Freezers.All, "true");
        await driver.StopAsync(session.Handle, Token);
        var error = await Should.ThrowAsync<AgbException>(driver.SuspendAsync(session.Handle, session.Directory, Token));
        error.ErrorId.ShouldBe(AgbErrorIds.SessionNotRunning);
        driver.IsAsleep(session.Directory).ShouldBeFalse();
    }

    [Fact]
    public async Task A_sandbox_with_a_group_of_version_2_sleeps_below_it()
    {
        var (driver, session) = await StartAsync((int)Freezers.All, Work);
        var place = FreezerPlaces.For(session.Spec.SessionId, null, Freezers.Unified).FirstOrDefault();
        Assert.SkipUnless(place is not null && SandboxIdentity.IsRoot, "This user has no groups of version 2.");
        var group = SessionControlGroups.PathIn(Path.GetDirectoryName(place!.Directory)!, session.Spec.SessionId);
        SessionControlGroups.Make(group, isV2: true);
        try
        {
            var handle = session.Handle with { Controls = SandboxControls.None with { Groups = [group] } };
            await driver.SuspendAsync(handle, session.Directory, Token);
            SleepRecords.TryReadGroup(session.Directory).ShouldBe(new FreezerGroup($"{group}/sleep", IsV2: true));
            var before = Used(handle);
            await Task.Delay(100, Token);
            Used(handle).ShouldBe(before);
        }
        finally
        {
            await driver.CleanUpAsync(session.Directory, Token);
            SessionControlGroups.Remove([group]);
        }
        Directory.Exists(group).ShouldBeFalse();
    }

    [Fact]
    public async Task Limits_hold_through_sleep()
    {
        var session = await StartAsync(limits: new AgbSessionLimits { Processes = 30 });
        await session.OutputAsync(Work);
        await Driver.SuspendAsync(session.Handle, session.Directory, Token);
        Wake(Driver, session);
        var outcome = await session.RunAsync("for i in $(seq 40); do sleep 1000 >/dev/null 2>&1 & done");
        outcome.ErrorText().ShouldContain("fork");
    }

    private async Task<(BubblewrapDriver Driver, TestSession Session)> StartAsync(int means, string command)
    {
        var driver = new BubblewrapDriver(Home, TimeProvider.System) { Freezers = (Freezers)means };
        var session = await StartAsync();
        await session.OutputAsync(command);
        return (driver, session);
    }

    private static void Wake(BubblewrapDriver driver, TestSession session)
    {
        driver.Resume(session.Directory, () => session.Handle);
        driver.IsAsleep(session.Directory).ShouldBeTrue();
        driver.EndSleep(session.Directory);
    }

    private static async Task StopOneAsync(TestSession session)
    {
        await session.WaitUntilAsync("pgrep -fx 'sleep 1000' >/dev/null && pkill -STOP -fx 'sleep 2000'");
        await session.WaitUntilAsync("ps -eo stat=,args= | grep -q '^T.*sleep 2000$'");
    }

    private static IReadOnlyList<ProcessEntry> SleepingProcessesOf(SandboxHandle handle) => SandboxProcesses.Of(handle.InitPid);

    /// <summary>The processor time of each process of a sandbox, in clock ticks (proc(5), fields 14 and 15 of stat).</summary>
    private static (int Pid, long Ticks)[] Used(SandboxHandle handle) =>
    [
        .. SandboxProcesses.Of(handle.InitPid).Select(p => p.Pid).Append(handle.InitPid).Order().Select(pid =>
        {
            try
            {
                var stat = File.ReadAllText($"/proc/{pid}/stat");
                var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
                return (pid, long.Parse(fields[11]) + long.Parse(fields[12]));
            }
            catch (IOException)
            {
                return (pid, 0);
            }
        }),
    ];
}
