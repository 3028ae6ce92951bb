namespace Agb.Engine.Store.Tests;

/// <summary>Kills a process while a sandbox stands ready, and while a session takes it: nothing of it is left after a recovery.</summary>
public sealed class PreparedCrashTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(FaultPoint.SandboxPrepared, 1)]
    [InlineData(FaultPoint.SandboxTaken, 2)]
    public async Task A_killed_process_leaves_no_sandbox(string point, int occurrence)
    {
        await using var engine = await EngineFixture.CreateAsync(MountKind.Overlay);
        var context = await engine.Service.CreateContextAsync("web", cancellationToken: Token);
        await CrashTests.CrashAsync(engine.Home, engine.Kind, "prepared", context.Id, point, occurrence);
        var directories = Directory.EnumerateDirectories(Path.Combine(engine.Home, "sessions")).ToArray();
        directories.Length.ShouldBe(2);
        var tags = directories.Select(d => LaunchRecord.TryRead(d).ShouldNotBeNull().Tag).ToArray();

        engine.Reopen();
        await engine.Service.RecoverAsync();
        var session = (await engine.Service.ListSessionsAsync(cancellationToken: Token).ToListAsync(Token)).ShouldHaveSingleItem();
        (await engine.RunAsync(session, "echo lives")).TrimEnd().ShouldBe("lives");
        Directory.EnumerateDirectories(Path.Combine(engine.Home, "sessions")).Select(d => Path.GetFileName(d)).ShouldBe([session.SessionId]);
        tags.Count(t => TaggedProcesses.Find(t) is not null).ShouldBe(1);
        await engine.RemoveAsync(session);
        tags.ShouldAllBe(t => TaggedProcesses.Find(t) == null);
    }
}
