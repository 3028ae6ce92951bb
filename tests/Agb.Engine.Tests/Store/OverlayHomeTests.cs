using Agb.Engine.Tests.Conformance;
using Agb.Conformance;

namespace Agb.Engine.Tests.Store;

/// <summary>A home on an overlay, as in a container's own file system: no overlays on top of it, and no whiteouts that are devices.</summary>
public sealed class OverlayHomeTests : EngineTest
{
    private const string Path = "/home/data";

    private string _place = "";

    /// <inheritdoc/>
    public override async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root can mount an overlay that a store is to lie on.");
        _place = Directory.CreateTempSubdirectory("agb-overlay-").FullName;
        foreach (var name in (string[])["l", "u", "w", "m"])
        {
            Directory.CreateDirectory(System.IO.Path.Combine(_place, name));
        }
        if (await SmallDisk.RunAsync(
            "mount", ["-t", "overlay", "overlay", "-o", $"lowerdir={_place}/l,upperdir={_place}/u,workdir={_place}/w", $"{_place}/m"], Token) is { } error)
        {
            TreeRemover.Remove(_place);
            Assert.Skip($"No overlay can be mounted here: {error}");
        }
        Home = new TemporaryHome(_place + "/m");
        await base.InitializeAsync();
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        try
        {
            await base.DisposeAsync();
        }
        finally
        {
            AttributeMarks.AreAllowed = false;
            await SmallDisk.UnmountAsync(_place + "/m");
            TreeRemover.Remove(_place);
        }
    }

    [Fact]
    public async Task The_host_check_says_that_contexts_are_copied()
    {
        var row = (await AgbHost.CheckAsync(Home.Path, Token)).Single(c => c.Name == "overlay file system");
        row.Status.ShouldBe(AgbHostCheckStatus.Degraded);
        row.Detail.ShouldContain("lies on an overlay");
        row.Detail.ShouldContain("Contexts are copied");
    }

    [Fact]
    public async Task Deletions_hold_there_and_where_the_home_is_moved_to()
    {
        var service = Open();
        var context = await service.CreateContextAsync("c", cancellationToken: Token);
        await FillAsync(service, context, Path, "mkdir -p d/e gone; echo kept >a; echo b >b; echo x >d/x; echo y >d/e/y; echo z >gone/z; : >empty");
        await FillAsync(service, context, Path, "rm b d/x; rm -r gone; mkdir gone; echo new >gone/n; rm -r d/e; echo file >d/e");
        const string Expected = "a d empty gone\ne\nn\nkept";
        const string Look = "echo $(ls); ls d; ls gone; cat a";
        (await AskAsync(service, context, Path, Look)).ShouldBe(Expected);
        (await ListAsync(service, context)).ShouldBe(["a", "d", "empty", "gone"]);
        await FillAsync(service, context, Path, "rm empty");
        (await ListAsync(service, context)).ShouldBe(["a", "d", "gone"]);
        (await File.ReadAllTextAsync(InHome("format"), Token)).ShouldBe("agb-store 2\n");
        (await AgbStore.CheckAsync(Home.Path, new AgbStoreCheckOptions { Deep = true }, Token)).Problems.ShouldBeEmpty();
        var marks = Directory.EnumerateFiles(InHome("layers"), "marks", SearchOption.AllDirectories).ToArray();
        marks.ShouldNotBeEmpty();

        // To a place that has overlays, with attributes.
        var moved = _place + "/moved";
        (await SmallDisk.RunAsync("cp", ["-a", Home.Path, moved], Token)).ShouldBeNull();
        AttributeMarks.AreAllowed = false;
        using var there = EmbeddedService.Open(new EmbeddedOptions { HomeDirectory = moved });
        (await AgbStore.CheckAsync(moved, new AgbStoreCheckOptions { Deep = true }, Token)).Problems.ShouldBeEmpty();
        (await AskAsync(there, context, Path, Look)).ShouldBe(Expected.Replace(" empty", "", StringComparison.Ordinal));
        await FillAsync(there, context, Path, "rm a");
        (await ListAsync(there, context)).ShouldBe(["d", "gone"]);
        (await AgbStore.CheckAsync(moved, new AgbStoreCheckOptions { Deep = true }, Token)).Problems.ShouldBeEmpty("a layer that was made fit for overlays says what it said");
        if ((await AgbHost.CheckAsync(moved, Token)).Single(c => c.Name == "overlay file system").Status == AgbHostCheckStatus.Ok)
        {
            Directory.EnumerateFiles(moved + "/layers", "marks", SearchOption.AllDirectories).ShouldBeEmpty();
        }
    }

    private static async Task<string[]> ListAsync(EmbeddedService service, AgbContext context) =>
        [.. (await service.ListContextFilesAsync(context, new AgbContextFileQuery { Path = Path }, Token).ToArrayAsync(Token)).Select(f => f.Name).Order(StringComparer.Ordinal)];
}
