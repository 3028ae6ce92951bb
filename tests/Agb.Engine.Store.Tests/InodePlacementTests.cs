namespace Agb.Engine.Store.Tests;

/// <summary>The mark by which ext4 spreads directories over block groups.</summary>
public sealed class InodePlacementTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(InodePlacement.ManyFiles + 1, true)]
    [InlineData(20, false)]
    public async Task Sessions_and_layers_of_many_copied_files_have_it(int files, bool isLayerSpread)
    {
        await using var engine = await EngineFixture.CreateAsync(MountKind.Overlay);
        RequireMark(engine.Home);
        using (var sessions = Fd.OpenDirectory(Path.Combine(engine.Home, "sessions")))
        {
            InodePlacement.IsSpreadBelow(sessions).ShouldBeTrue();
        }
        var context = await engine.Service.CreateContextAsync("placed", cancellationToken: Token);
        var session = await engine.SessionAsync(context.Id);
        await engine.RunAsync(session, $"cd /data; for f in $(seq {files}); do echo $f > f$f; done");

        await engine.SyncAsync(session);

        using var layer = Fd.OpenDirectory(Directory.GetDirectories(Path.Combine(engine.Home, "layers")).ShouldHaveSingleItem());
        InodePlacement.IsSpreadBelow(layer).ShouldBe(isLayerSpread);
        engine.Content(context.Id).Count(e => e.Key.Contains("/f", StringComparison.Ordinal)).ShouldBe(files);
    }

    private static void RequireMark(string home)
    {
        using var directory = Fd.OpenDirectory(Directory.CreateDirectory(Path.Combine(home, "probe")).FullName);
        InodePlacement.SpreadBelow(directory);
        Assert.SkipUnless(InodePlacement.IsSpreadBelow(directory), "The file system of temporary files has no such mark.");
    }
}
