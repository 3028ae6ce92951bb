namespace Agb.Conformance.Sessions;

/// <summary>Tests of removing sessions: possible in every state, but only once.</summary>
[RunsOn(Services.Overlay | Services.Copy | Services.Server | Services.UserOverlay)]
public sealed class SessionRemovalTests : ServiceTest
{
    private const string Path = "/home/data";

    [Fact]
    public async Task A_removed_session_is_gone()
    {
        var session = await StartAsync();
        await ReleaseAsync(session);
        await FailsAsync(AgbErrorIds.SessionNotFound, () => Service.GetSessionAsync(session, Token));
        await FailsAsync(AgbErrorIds.SessionNotFound, () => Service.WaitSessionAsync(session, Patience, Token));
        await FailsAsync(AgbErrorIds.SessionNotFound, () => RunAsync(session, "true"));
        await FailsAsync(AgbErrorIds.SessionNotFound, () => ReleaseAsync(session));
        (await Service.ListSessionsAsync(null, Token).Select(s => s.SessionId).ToListAsync(Token)).ShouldNotContain(session.SessionId);
    }

    [Fact]
    public async Task A_removed_session_is_remembered_with_when_and_why()
    {
        var session = await StartAsync(new AgbSessionRequest { Labels = new Dictionary<string, string> { ["kept"] = "yes" } });
        (await RememberedAsync(session)).ShouldBeNull();
        await ReleaseAsync(session);
        var remembered = (await RememberedAsync(session)).ShouldNotBeNull();
        remembered.Status.ShouldBe(AgbSessionStatus.Released);
        remembered.Labels["kept"].ShouldBe("yes");
        remembered.FailureReason.ShouldNotBeNull().ShouldContain("was released at");
    }

    private async Task<AgbSession?> RememberedAsync(AgbSession session) =>
        await Service.ListReleasedSessionsAsync(Token).FirstOrDefaultAsync(s => s.SessionId == session.SessionId, Token);

    [Fact]
    public async Task A_session_that_is_being_created_can_be_removed()
    {
        var context = await NewContextAsync();
        var session = await StartAsync(new AgbSessionRequest { NoWait = true, ContextSyncs = [context.At(Path)] });
        await ReleaseAsync(session);
        await FailsAsync(AgbErrorIds.SessionNotFound, () => Service.GetSessionAsync(session, Token));
        await Service.RemoveContextAsync(context, Token);
    }

    [Fact]
    public async Task Removing_a_session_ends_a_command_that_runs_and_keeps_what_it_wrote()
    {
        var context = await NewContextAsync();
        var session = await StartAsync(context.At(Path));
        var command = RunAsync(session, $"echo 1 >{Path}/f; sleep 600; echo 2 >{Path}/g");
        await Eventually.HoldsAsync("the command has begun", async () => (await RunAsync(session, $"test -s {Path}/f")).Success);
        await ReleaseAsync(session);
        await Eventually.HoldsAsync("the command has ended", () => command.IsCompleted);
        if (command.IsCompletedSuccessfully)
        {
            (await command).Success.ShouldBeFalse();
        }
        else
        {
            (await Should.ThrowAsync<AgbException>(() => command)).ErrorId.ShouldBeOneOf(AgbErrorIds.SessionNotFound, AgbErrorIds.SessionNotRunning);
        }
        (await StoredAsync(context, Path)).ShouldBe(["f=1"]);
    }

    [Fact]
    public async Task Removing_a_session_ends_its_background_processes()
    {
        var context = await NewContextAsync();
        var session = await StartAsync(context.At(Path));
        await ShellAsync(session, $"(trap '' TERM HUP INT; while :; do date +%s%N >{Path}/beat.tmp; mv {Path}/beat.tmp {Path}/beat; sleep 0.01; done) >/dev/null 2>&1 & disown");
        await Eventually.HoldsAsync("it writes", async () => (await RunAsync(session, $"test -e {Path}/beat")).Success);
        await ReleaseAsync(session);
        (await StoredAsync(context, Path)).ShouldContain(l => l.StartsWith("beat="));
    }

    [Fact]
    public async Task Two_removals_at_once_both_end_and_store_the_data_once()
    {
        var context = await NewContextAsync();
        var other = await OpenAnotherAsync();
        for (var i = 1; i <= 3; i++)
        {
            var session = await StartAsync(context.At(Path));
            await ShellAsync(session, $"for n in $(seq 50); do echo {i} >f$n; done", Path);
            var outcomes = await Task.WhenAll(
                TryAsync(() => Service.RemoveSessionAsync(session, cancellationToken: Token)),
                TryAsync(() => other.RemoveSessionAsync(session, cancellationToken: Token)));
            // A removal that starts after the other has ended finds no session.
            outcomes.ShouldContain("done");
            outcomes.ShouldBeSubsetOf(["done", AgbErrorIds.SessionNotFound]);
            await FailsAsync(AgbErrorIds.SessionNotFound, () => Service.GetSessionAsync(session, Token));
            (await VersionsAsync(context)).Count.ShouldBe(i);
        }
        (await AskAsync(context, Path, "cat * | sort | uniq -c | tr -s ' '")).ShouldBe(" 50 3");
    }

    [Fact]
    public async Task Removing_many_sessions_at_once_works()
    {
        var context = await NewContextAsync();
        var sessions = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => StartAsync(context.At(Path))));
        await Task.WhenAll(sessions.Select((s, i) => ShellAsync(s, $"echo {i} >f{i}", Path)));
        await Task.WhenAll(sessions.Select(ReleaseAsync));
        (await StoredAsync(context, Path)).ShouldBe(["f0=0", "f1=1", "f2=2", "f3=3", "f4=4", "f5=5"]);
    }

    [Fact]
    public async Task A_removal_while_a_sync_runs_loses_nothing()
    {
        var context = await NewContextAsync();
        var session = await StartAsync(context.At(Path));
        await ShellAsync(session, "for i in $(seq 200); do echo $i >f$i; done", Path);
        await Service.StartSyncAsync(session, new AgbSyncRequest(), Token);
        await ShellAsync(session, "echo last >last", Path);
        await ReleaseAsync(session);
        (await AskAsync(context, Path, "ls | wc -l; cat last")).ShouldBe("201\nlast");
    }

    [Fact]
    public async Task A_session_that_is_removed_frees_its_context_for_removal()
    {
        var context = await NewContextAsync();
        var session = await StartAsync(context.At(Path));
        await Service.RemoveSessionAsync(session, AgbReleaseMode.Discard, cancellationToken: Token);
        await Service.RemoveContextAsync(context, Token);
        await FailsAsync(AgbErrorIds.ContextNotFound, () => Service.GetContextAsync(context, Token));
    }

    private static async Task<string> TryAsync(Func<Task> remove)
    {
        try
        {
            await remove();
            return "done";
        }
        catch (AgbException e)
        {
            return e.ErrorId;
        }
    }
}
