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
}
