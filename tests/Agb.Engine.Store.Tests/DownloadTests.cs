namespace Agb.Engine.Store.Tests;

/// <summary>What a download leaves behind for the uploads after it.</summary>
public sealed class DownloadTests
{
    public static TheoryData<MountKind> Kinds => [MountKind.Overlay, MountKind.Copy];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task What_came_by_download_is_not_uploaded_again(MountKind kind)
    {
        await using var engine = await EngineFixture.CreateAsync(kind);
        var context = await engine.Service.CreateContextAsync("download", cancellationToken: TestContext.Current.CancellationToken);
        var one = await engine.SessionAsync(context.Id);
        var two = await engine.SessionAsync(context.Id);
        await engine.RunAsync(two, "cd /data && mkdir -p d/sub && echo a > d/a && echo b > d/sub/b && echo c > c");
        await engine.SyncAsync(two);
        await engine.SyncAsync(one, AgbSyncTaskType.Download);

        var upload = (await engine.SyncAsync(one)).Single(t => t.TaskType == AgbSyncTaskType.Upload);
        upload.Version.ShouldBeNull();

        await engine.RunAsync(two, "echo later > /data/d/a");
        await engine.SyncAsync(two);
        await engine.RunAsync(one, "chmod 700 /data/d && rm /data/c");
        await engine.RemoveAsync(one);
        engine.Content(context.Id).ShouldBe(new Dictionary<string, string>
        {
            ["/data"] = ContextSnapshot.Directory(),
            ["/data/d"] = ContextSnapshot.Directory(0x1C0),
            ["/data/d/a"] = ContextSnapshot.File("later\n"),
            ["/data/d/sub"] = ContextSnapshot.Directory(),
            ["/data/d/sub/b"] = ContextSnapshot.File("b\n"),
        });
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task What_another_session_stored_anew_comes_back_after_a_deletion_was_uploaded(MountKind kind)
    {
        await using var engine = await EngineFixture.CreateAsync(kind);
        var context = await engine.Service.CreateContextAsync("anew", cancellationToken: TestContext.Current.CancellationToken);
        var maker = await engine.SessionAsync(context.Id);
        await engine.RunAsync(maker, "cd /data && mkdir d && echo old > f && echo old > d/f && echo old > gone");
        await engine.RemoveAsync(maker);
        var session = await engine.SessionAsync(context.Id);
        await engine.RunAsync(session, "cd /data && rm -r f d");
        await engine.SyncAsync(session);
        await engine.RunAsync(session, "rm /data/gone");
        var other = await engine.SessionAsync(context.Id);
        await engine.RunAsync(other, "cd /data && mkdir d && echo theirs > f && echo theirs > d/f && echo theirs > gone");
        await engine.RemoveAsync(other);

        await engine.SyncAsync(session, AgbSyncTaskType.Download);
        (await engine.RunAsync(session, "cd /data && find . -type f | sort | xargs grep .")).ShouldBe("./d/f:theirs\n./f:theirs\n", "only a deletion that was not uploaded yet stands");
        (await engine.SyncAsync(session)).ShouldAllBe(t => t.Status == AgbSyncTaskStatus.Success);
        engine.Content(context.Id).Keys.ShouldBe(["/data", "/data/d", "/data/d/f", "/data/f"]);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task What_the_session_made_anew_after_its_deletion_was_uploaded_stays_in_a_forced_download(MountKind kind)
    {
        await using var engine = await EngineFixture.CreateAsync(kind);
        var context = await engine.Service.CreateContextAsync("forced", cancellationToken: TestContext.Current.CancellationToken);
        var maker = await engine.SessionAsync(context.Id);
        await engine.RunAsync(maker, "cd /data && mkdir d && echo old > f && echo old > d/f && echo old > gone");
        await engine.RemoveAsync(maker);
        var (session, other) = (await engine.SessionAsync(context.Id), await engine.SessionAsync(context.Id));
        await engine.RunAsync(session, "cd /data && rm -r f d");
        await engine.SyncAsync(session);
        await engine.RunAsync(session, "cd /data && echo mine > f && mkdir d && echo mine > d/f && echo mine > gone");
        await engine.RunAsync(other, "rm /data/gone");
        await engine.RemoveAsync(other);

        await engine.Service.StartSyncAsync(
            session, new AgbSyncRequest { Mode = AgbSyncTaskType.Download, Force = true }, TestContext.Current.CancellationToken);
        (await engine.Service.WaitSyncAsync(session, TimeSpan.FromMinutes(1), cancellationToken: TestContext.Current.CancellationToken))
            .ShouldAllBe(t => t.Status == AgbSyncTaskStatus.Success);
        (await engine.RunAsync(session, "cd /data && find . -type f | sort | xargs grep .")).ShouldBe("./d/f:mine\n./f:mine\n", "only what another session deleted goes");
    }
}
