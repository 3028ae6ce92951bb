namespace Agb.Conformance.Sessions;

/// <summary>Tests of suspended sessions: every use wakes them, and they end like others.</summary>
[RunsOn(Services.Overlay | Services.Copy | Services.Server | Services.UserOverlay | Services.UserCopy)]
public sealed class SleepTests : ServiceTest
{
    private const string Path = "/home/data";
    private const string Count = "(i=0; while :; do i=$((i+1)); echo $i >/tmp/count.new; mv /tmp/count.new /tmp/count; sleep 0.01; done) >/dev/null 2>&1 & until [ -s /tmp/count ]; do sleep 0.01; done";

    private ISessionSleepService Sleep => (ISessionSleepService)Service;

    [Fact]
    public async Task A_suspended_session_says_so_and_runs_nothing_until_its_next_command()
    {
        var session = await StartAsync();
        await ShellAsync(session, Count);
        (await Sleep.SuspendSessionAsync(session, Token)).Status.ShouldBe(AgbSessionStatus.Suspended);
        (await Service.GetSessionAsync(session, Token)).Status.ShouldBe(AgbSessionStatus.Suspended);
        (await Service.ListSessionsAsync(null, Token).SingleAsync(s => s.SessionId == session.SessionId, Token)).Status.ShouldBe(AgbSessionStatus.Suspended);
        (await Service.WaitSessionAsync(session, Patience, Token)).Status.ShouldBe(AgbSessionStatus.Suspended);

        var first = await ShellAsync(session, "cat /tmp/count");
        (await Service.GetSessionAsync(session, Token)).Status.ShouldBe(AgbSessionStatus.Running);
        await Eventually.HoldsAsync("the counter goes on", async () => await ShellAsync(session, "cat /tmp/count") != first);
    }

    [Fact]
    public async Task Suspending_and_resuming_again_changes_nothing()
    {
        var session = await StartAsync();
        await Sleep.SuspendSessionAsync(session, Token);
        (await Sleep.SuspendSessionAsync(session, Token)).Status.ShouldBe(AgbSessionStatus.Suspended);
        (await Sleep.ResumeSessionAsync(session, Token)).Status.ShouldBe(AgbSessionStatus.Running);
        (await Sleep.ResumeSessionAsync(session, Token)).Status.ShouldBe(AgbSessionStatus.Running);
        (await ShellAsync(session, "echo awake")).ShouldBe("awake");
    }

    [Fact]
    public async Task Code_wakes_a_session()
    {
        var session = await StartAsync();
        await Sleep.SuspendSessionAsync(session, Token);
        var result = await Service.RunCodeAsync(session, new AgbCodeRequest { Code = "print('awake')" }, Token);
        result.Stdout.ShouldBe("awake\n");
        (await Service.GetSessionAsync(session, Token)).Status.ShouldBe(AgbSessionStatus.Running);
    }

    [Fact]
    public async Task A_terminal_wakes_a_session_and_keeps_it_awake()
    {
        var session = await StartAsync();
        await Sleep.SuspendSessionAsync(session, Token);
        await using (await ((ITerminalService)Service).OpenTerminalAsync(session, new AgbTerminalRequest(), Token))
        {
            (await Service.GetSessionAsync(session, Token)).Status.ShouldBe(AgbSessionStatus.Running);
            await FailsAsync(AgbErrorIds.SessionBusy, () => Sleep.SuspendSessionAsync(session, Token));
        }
        await Eventually.HoldsAsync("the terminal has ended", async () =>
        {
            try
            {
                return (await Sleep.SuspendSessionAsync(session, Token)).Status == AgbSessionStatus.Suspended;
            }
            catch (AgbException e) when (e.ErrorId == AgbErrorIds.SessionBusy)
            {
                return false;
            }
        });
    }

    [Fact]
    public async Task Keeping_it_alive_wakes_a_session_and_labels_do_not()
    {
        var session = await StartAsync(new AgbSessionRequest { IdleTimeout = TimeSpan.FromHours(1) });
        await Sleep.SuspendSessionAsync(session, Token);
        (await Service.SetSessionLabelsAsync(session, new Dictionary<string, string> { ["a"] = "1" }, Token)).Status.ShouldBe(AgbSessionStatus.Suspended);
        (await Service.KeepSessionAliveAsync(session, Token)).Status.ShouldBe(AgbSessionStatus.Running);
    }

    [Fact]
    public async Task A_sync_wakes_a_session_and_stores_its_data()
    {
        var context = await NewContextAsync();
        var session = await StartAsync(context.At(Path));
        await ShellAsync(session, $"echo 1 >{Path}/f");
        await Sleep.SuspendSessionAsync(session, Token);
        await UploadAsync(session);
        (await Service.GetSessionAsync(session, Token)).Status.ShouldBe(AgbSessionStatus.Running);
        (await AskAsync(context, Path, "cat f")).ShouldBe("1");
        await Sleep.SuspendSessionAsync(session, Token);
        await DownloadAsync(session);
        (await ShellAsync(session, $"cat {Path}/f")).ShouldBe("1");
    }

    [Theory]
    [InlineData(AgbReleaseMode.Policy, true)]
    [InlineData(AgbReleaseMode.Upload, true)]
    [InlineData(AgbReleaseMode.Discard, false)]
    public async Task A_suspended_session_is_released_like_others(AgbReleaseMode mode, bool stores)
    {
        var context = await NewContextAsync();
        var session = await StartAsync(context.At(Path));
        await ShellAsync(session, $"echo 1 >{Path}/f; (while :; do :; done) >/dev/null 2>&1 &");
        await Sleep.SuspendSessionAsync(session, Token);
        await Service.RemoveSessionAsync(session, mode, Token);
        await FailsAsync(AgbErrorIds.SessionNotFound, () => Service.GetSessionAsync(session, Token));
        (await VersionsAsync(context)).Count.ShouldBe(stores ? 1 : 0);
    }

    [Fact]
    public async Task A_session_with_a_running_command_is_not_suspended()
    {
        var session = await StartAsync();
        var command = ShellAsync(session, "touch /tmp/begun; until [ -e /tmp/go ]; do sleep 0.02; done; echo done");
        await Eventually.HoldsAsync("the command has begun", async () => (await RunAsync(session, "test -e /tmp/begun")).Success);
        var error = await FailsAsync(AgbErrorIds.SessionBusy, () => Sleep.SuspendSessionAsync(session, Token));
        error.Message.ShouldContain(session.SessionId);
        error.Kind.ShouldBe(AgbErrorKind.InvalidState);
        (await Service.GetSessionAsync(session, Token)).Status.ShouldBe(AgbSessionStatus.Running);
        await ShellAsync(session, "touch /tmp/go");
        (await command).ShouldBe("done");
        (await Sleep.SuspendSessionAsync(session, Token)).Status.ShouldBe(AgbSessionStatus.Suspended);
    }

    [Fact]
    public async Task Commands_and_suspensions_at_once_disturb_no_command()
    {
        var session = await StartAsync();
        await Task.WhenAll(Enumerable.Range(0, 12).Select(async i =>
        {
            if (i % 3 > 0)
            {
                (await ShellAsync(session, $"echo {i}")).ShouldBe($"{i}");
                return;
            }
            try
            {
                await Sleep.SuspendSessionAsync(session, Token);
            }
            catch (AgbException e) when (e.ErrorId == AgbErrorIds.SessionBusy)
            {
                // Fine.
            }
        }));
        (await ShellAsync(session, "echo awake")).ShouldBe("awake");
    }

    [Fact]
    public async Task A_release_and_a_suspension_at_once_end_the_session()
    {
        var session = await StartAsync();
        var suspension = Sleep.SuspendSessionAsync(session, Token);
        var release = ReleaseAsync(session);
        try
        {
            await suspension;
        }
        catch (AgbException e)
        {
            new[] { AgbErrorIds.SessionBusy, AgbErrorIds.SessionNotRunning, AgbErrorIds.SessionNotFound }.ShouldContain(e.ErrorId);
        }
        await release;
        await FailsAsync(AgbErrorIds.SessionNotFound, () => Service.GetSessionAsync(session, Token));
    }

    [Fact]
    public async Task Another_client_finds_and_wakes_a_suspended_session()
    {
        var session = await StartAsync();
        await Sleep.SuspendSessionAsync(session, Token);
        var other = await OpenAnotherAsync();
        (await other.GetSessionAsync(session, Token)).Status.ShouldBe(AgbSessionStatus.Suspended);
        (await other.RunCommandAsync(session, new AgbCommandRequest { Command = "echo awake" }, Token)).Stdout.ShouldBe("awake\n");
        (await Service.GetSessionAsync(session, Token)).Status.ShouldBe(AgbSessionStatus.Running);
    }

    [Fact]
    public async Task The_idle_action_is_kept()
    {
        var session = await StartAsync(new AgbSessionRequest { IdleTimeout = TimeSpan.FromHours(1), IdleAction = AgbIdleAction.Suspend });
        session.IdleAction.ShouldBe(AgbIdleAction.Suspend);
        (await Service.GetSessionAsync(session, Token)).IdleAction.ShouldBe(AgbIdleAction.Suspend);
        (await StartAsync()).IdleAction.ShouldBe(AgbIdleAction.Release);
    }

    [Fact]
    public async Task An_idle_session_is_suspended()
    {
        var session = await StartAsync(new AgbSessionRequest { IdleTimeout = TimeSpan.FromSeconds(1), IdleAction = AgbIdleAction.Suspend });
        await Eventually.HoldsAsync("it is suspended", async () => (await Service.GetSessionAsync(session, Token)).Status == AgbSessionStatus.Suspended);
        (await ShellAsync(session, "echo awake")).ShouldBe("awake");
    }

    [Fact]
    public async Task Wrong_idle_actions_are_refused()
    {
        await RefusesSessionAsync(AgbErrorIds.InvalidSessionOption, new AgbSessionRequest { IdleAction = AgbIdleAction.Suspend });
        await RefusesSessionAsync(
            AgbErrorIds.InvalidSessionOption, new AgbSessionRequest { IdleTimeout = TimeSpan.FromHours(1), IdleAction = (AgbIdleAction)7 });
    }

    [Fact]
    public async Task A_session_that_is_gone_is_not_found()
    {
        var session = await StartAsync();
        await ReleaseAsync(session);
        foreach (var id in (string[])[session.SessionId, "s-does-not-exist"])
        {
            await FailsAsync(AgbErrorIds.SessionNotFound, () => Sleep.SuspendSessionAsync(new SessionId(id), Token));
            await FailsAsync(AgbErrorIds.SessionNotFound, () => Sleep.ResumeSessionAsync(new SessionId(id), Token));
        }
    }
}
