namespace Agb.Engine.Store.Tests;

/// <summary>A session can nest directories deeper than the engine has stack and descriptors.</summary>
public sealed class DeepTreeTests
{
    [Fact]
    public async Task A_session_with_a_bottomless_tree_can_be_removed()
    {
        await using var engine = await EngineFixture.CreateAsync(MountKind.Overlay);
        var context = await engine.Service.CreateContextAsync("deep", cancellationToken: TestContext.Current.CancellationToken);
        var session = await engine.SessionAsync(context.Id);
        await engine.RunAsync(session, "cd /data && for i in $(seq 600); do mkdir d && cd -P d || exit 1; done; true");

        var error = await Should.ThrowAsync<AgbException>(() => engine.RemoveAsync(session));
        error.ErrorId.ShouldBe(AgbErrorIds.SyncFailed);
        error.Message.ShouldContain("directories deep");
        await engine.Service.RemoveSessionAsync(
            session, AgbReleaseMode.Discard, cancellationToken: TestContext.Current.CancellationToken);

        Directory.EnumerateFileSystemEntries(engine.Service.Parts.Paths.Sessions).ShouldBeEmpty();
    }

    [Fact]
    public void A_tree_is_removed_whole_whatever_its_depth()
    {
        var root = Directory.CreateTempSubdirectory("agb-deep-tests-").FullName;
        var path = root;
        for (var i = 0; i < 400; i++)
        {
            path += "/d";
            Directory.CreateDirectory(path);
            File.WriteAllText(path + "/f", "");
        }

        TreeRemover.Remove(root);

        Directory.Exists(root).ShouldBeFalse();
    }
}
