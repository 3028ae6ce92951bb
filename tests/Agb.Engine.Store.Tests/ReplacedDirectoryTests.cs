namespace Agb.Engine.Store.Tests;

/// <summary>Directories that a session removed and made again: what lies in them must be in the context, however much of
/// it looks like what was stored or uploaded before.</summary>
public sealed class ReplacedDirectoryTests
{
    public static TheoryData<MountKind> Kinds => [MountKind.Overlay, MountKind.Copy];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_directory_that_is_moved_away_and_back_keeps_its_files(MountKind kind)
    {
        await using var engine = await EngineFixture.CreateAsync(kind);
        var context = await MakeAsync(engine, "mkdir -p d/sub d/empty && echo a > d/a && echo b > d/sub/b");
        var stored = Text(engine, context);

        var session = await engine.SessionAsync(context.Id);
        await engine.RunAsync(session, "cd /data && mv d away && mv away d");
        await engine.RemoveAsync(session);

        Text(engine, context).ShouldBe(stored);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_directory_that_is_moved_away_and_back_keeps_its_files_in_a_sync(MountKind kind)
    {
        await using var engine = await EngineFixture.CreateAsync(kind);
        var context = await MakeAsync(engine, "mkdir -p d/sub d/empty && echo a > d/a && echo b > d/sub/b");
        var stored = Text(engine, context);

        var session = await engine.SessionAsync(context.Id);
        await engine.RunAsync(session, "cd /data && mv d away && mv away d");
        await engine.SyncAsync(session);

        Text(engine, context).ShouldBe(stored);
        await engine.RunAsync(session, "cd /data && cp -a d /tmp/d && rm -r d && mkdir d");
        await engine.SyncAsync(session);
        await engine.RunAsync(session, "cp -a /tmp/d/. /data/d");
        await engine.SyncAsync(session);
        Text(engine, context).ShouldBe(stored);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_new_directory_whose_mode_changes_between_two_syncs_keeps_its_files(MountKind kind)
    {
        await using var engine = await EngineFixture.CreateAsync(kind);
        var context = await MakeAsync(engine, "echo x > x");
        var session = await engine.SessionAsync(context.Id);
        await engine.RunAsync(session, "cd /data && mkdir -p d/sub && echo a > d/a && echo b > d/sub/b");
        await engine.SyncAsync(session);
        await engine.RunAsync(session, "chmod 700 /data/d");
        await engine.SyncAsync(session);

        Paths(engine, context).ShouldBe(["/data", "/data/d", "/data/d/a", "/data/d/sub", "/data/d/sub/b", "/data/x"]);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task What_is_moved_into_a_directory_that_was_made_again_stays(MountKind kind)
    {
        await using var engine = await EngineFixture.CreateAsync(kind);
        var context = await MakeAsync(engine, "mkdir d && echo a > d/a");
        var session = await engine.SessionAsync(context.Id);
        await engine.RunAsync(session, "cd /data && mkdir d/sub && echo b > d/sub/b");
        await engine.SyncAsync(session);
        await engine.RunAsync(session, "cd /data && mv d/sub /data/keep && rm -r d && mkdir d && mv keep d/sub");
        await engine.SyncAsync(session);
        Paths(engine, context).ShouldBe(["/data", "/data/d", "/data/d/sub", "/data/d/sub/b"]);

        await engine.RunAsync(session, "cd /data && mv d/sub keep && rm -r d && mkdir d && mv keep d/sub");
        await engine.RemoveAsync(session);
        Paths(engine, context).ShouldBe(["/data", "/data/d", "/data/d/sub", "/data/d/sub/b"]);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_session_that_was_given_no_data_hides_none(MountKind kind)
    {
        await using var engine = await EngineFixture.CreateAsync(kind);
        var context = await MakeAsync(engine, "mkdir d && echo a > d/a && chmod 750 d");
        var session = await engine.SessionAsync(
            context.Id, policy: new AgbSyncPolicy { Download = new AgbDownloadPolicy { AutoDownload = false } });
        await engine.RunAsync(session, "cd /data && mkdir d && echo b > d/b");
        await engine.RemoveAsync(session);

        Paths(engine, context).ShouldBe(["/data", "/data/d", "/data/d/a", "/data/d/b"]);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task What_another_session_added_to_a_removed_part_of_a_new_directory_stays(MountKind kind)
    {
        await using var engine = await EngineFixture.CreateAsync(kind);
        var context = await MakeAsync(engine, "mkdir d && echo old > d/old");
        var one = await engine.SessionAsync(context.Id);
        await engine.RunAsync(one, "cd /data && mkdir d/sub && echo x > d/sub/x");
        await engine.SyncAsync(one);
        var two = await engine.SessionAsync(context.Id);
        await engine.RunAsync(two, "echo y > /data/d/sub/y");
        await engine.RemoveAsync(two);
        await engine.RunAsync(one, "cd /data && rm -r d && mkdir d && echo new > d/new");
        await engine.SyncAsync(one);

        Paths(engine, context).ShouldBe(["/data", "/data/d", "/data/d/new", "/data/d/sub", "/data/d/sub/y"]);
    }

    [Theory]
    [InlineData(MountKind.Overlay, false)]
    [InlineData(MountKind.Overlay, true)]
    [InlineData(MountKind.Copy, false)]
    public async Task Deleting_in_a_directory_does_not_bring_back_what_another_session_removed(MountKind kind, bool release)
    {
        await using var engine = await EngineFixture.CreateAsync(kind);
        var context = await MakeAsync(engine, "mkdir -p d/sub e && echo a > d/sub/a && echo x > x");
        var one = await engine.SessionAsync(context.Id);
        var two = await engine.SessionAsync(context.Id);
        await engine.RunAsync(one, "cd /data && rm -r d e");
        await engine.RemoveAsync(one);
        await engine.RunAsync(two, "cd /data && rm -r d/sub && touch e/t && rm e/t && echo y > y");
        await (release ? engine.RemoveAsync(two) : engine.SyncAsync(two));

        Paths(engine, context).ShouldBe(["/data", "/data/x", "/data/y"]);
    }

    private static async Task<AgbContext> MakeAsync(EngineFixture engine, string commands)
    {
        var context = await engine.Service.CreateContextAsync("replaced", cancellationToken: TestContext.Current.CancellationToken);
        var maker = await engine.SessionAsync(context.Id);
        await engine.RunAsync(maker, $"cd /data && {commands}");
        await engine.RemoveAsync(maker);
        return context;
    }

    private static string Text(EngineFixture engine, AgbContext context) => string.Join("\n", engine.Content(context.Id));

    private static IEnumerable<string> Paths(EngineFixture engine, AgbContext context) => engine.Content(context.Id).Keys;
}
