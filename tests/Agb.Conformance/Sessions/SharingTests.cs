namespace Agb.Conformance.Sessions;

/// <summary>Tests of sharing: contexts and sessions belong to the owner, not to the creating program.</summary>
[RunsOn(Services.Overlay | Services.Copy | Services.Server)]
public sealed class SharingTests : ServiceTest
{
    private const string Path = "/home/data";

    [Fact]
    public async Task A_session_made_by_one_program_is_used_by_another()
    {
        var context = await NewContextAsync();
        var session = await StartAsync(context.At(Path));
        await ShellAsync(session, "echo 1 >f", Path);
        var other = await OpenAnotherAsync();
        (await other.GetSessionAsync(session, Token)).Status.ShouldBe(AgbSessionStatus.Running);
        (await other.ListSessionsAsync(null, Token).Select(s => s.SessionId).ToListAsync(Token)).ShouldContain(session.SessionId);
        (await other.RunCommandAsync(session, new AgbCommandRequest { Command = $"cat {Path}/f; echo 2 >{Path}/g" }, Token)).Stdout.ShouldBe("1\n");
        (await ShellAsync(session, "cat g", Path)).ShouldBe("2");
    }

    [Fact]
    public async Task A_sync_started_by_one_program_is_seen_by_another()
    {
        var context = await NewContextAsync();
        var session = await StartAsync(context.At(Path));
        await ShellAsync(session, "echo 1 >f", Path);
        var other = await OpenAnotherAsync();
        await Service.StartSyncAsync(session, new AgbSyncRequest(), Token);
        var tasks = await other.WaitSyncAsync(session, Patience, cancellationToken: Token);
        tasks.Single(t => t.TaskType == AgbSyncTaskType.Upload).Status.ShouldBe(AgbSyncTaskStatus.Success);
        (await other.ListContextVersionsAsync(context, Token).CountAsync(Token)).ShouldBe(1);
    }

    [Fact]
    public async Task A_session_made_by_one_program_is_removed_by_another()
    {
        var context = await NewContextAsync();
        var session = await StartAsync(context.At(Path));
        await ShellAsync(session, "echo 1 >f", Path);
        var other = await OpenAnotherAsync();
        await other.RemoveSessionAsync(session, cancellationToken: Token);
        await FailsAsync(AgbErrorIds.SessionNotFound, () => Service.GetSessionAsync(session, Token));
        (await StoredAsync(context, Path)).ShouldBe(["f=1"]);
    }

    [Fact]
    public async Task Sessions_outlive_the_program_that_made_them()
    {
        var context = await NewContextAsync();
        var other = await OpenAnotherAsync();
        var session = await other.CreateSessionAsync(new AgbSessionRequest { ContextSyncs = [context.At(Path)] }, Token);
        Track(session);
        await other.RunCommandAsync(session, new AgbCommandRequest { Command = $"echo 1 >{Path}/f" }, Token);
        (other as IDisposable)?.Dispose();
        (await ShellAsync(session, "cat f", Path)).ShouldBe("1");
    }

    [Fact]
    public async Task A_context_made_by_one_program_is_found_by_another()
    {
        var context = await NewContextAsync();
        var other = await OpenAnotherAsync();
        (await other.FindContextAsync(context.Name, Token)).Id.ShouldBe(context.Id);
        await FailsAsync(AgbErrorIds.ContextAlreadyExists, () => other.CreateContextAsync(context.Name, cancellationToken: Token));
        await other.RemoveContextAsync(context, Token);
        await FailsAsync(AgbErrorIds.ContextNotFound, () => Service.GetContextAsync(context, Token));
    }
}
