namespace Agb.Engine.Store.Tests;

/// <summary>Programs in a session may set <c>user.*</c> attributes with the names of overlayfs's own marks. They hide and delete nothing, whatever
/// kind of mount the session had and the next one has; <c>trusted.*</c> attributes they can't set at all.</summary>
public sealed class ForgedMarkTests
{
    private const string Show = "cd /data; find . -mindepth 1 | LC_ALL=C sort";

    private const string Forge = """
        set -e; cd /data; touch new; mkdir w own; touch w/e own/f; setfattr -n user.overlay.whiteout -v y w/e; setfattr -n user.overlay.opaque -v x w
        for d in . d d/deep own; do setfattr -n user.overlay.opaque -v y $d; setfattr -n user.overlay.redirect -v /d/deep $d; done
        for n in opaque redirect; do if setfattr -n trusted.overlay.$n -v y d 2>/dev/null; then echo "trusted marks can be set"; exit 1; fi; done
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<MountKind, MountKind, bool> Kinds => new(
        from first in (MountKind[])[MountKind.Overlay, MountKind.UserOverlay, MountKind.Copy]
        from next in (MountKind[])[MountKind.Overlay, MountKind.UserOverlay]
        from syncs in (bool[])[true, false]
        select (first, next, syncs));

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task They_hide_and_delete_nothing(MountKind first, MountKind next, bool syncs)
    {
        await using var engine = await EngineFixture.CreateAsync(first);
        var context = await engine.Service.CreateContextAsync("forged", cancellationToken: Token);
        var maker = await engine.SessionAsync(context.Id);
        Assert.SkipWhen((await engine.RunAsync(maker, "command -v setfattr || true")).Length == 0, "There is no setfattr here.");
        await engine.RunAsync(maker, "cd /data; mkdir -p d/deep; echo 1 > a; echo 2 > d/b; echo 3 > d/deep/c");
        await engine.RemoveAsync(maker);
        // What another session stores meanwhile is hidden least of all.
        var session = await engine.SessionAsync(context.Id);
        var other = await engine.SessionAsync(context.Id);
        await engine.RunAsync(other, "echo theirs > /data/d/theirs; echo theirs > /data/theirs");
        await engine.RemoveAsync(other);
        await engine.RunAsync(session, Forge);
        if (syncs)
        {
            await engine.SyncAsync(session);
        }
        await engine.RemoveAsync(session);

        string[] expected =
            ["/data", "/data/a", "/data/d", "/data/d/b", "/data/d/deep", "/data/d/deep/c", "/data/d/theirs", "/data/new", "/data/own", "/data/own/f", "/data/theirs", "/data/w", "/data/w/e"];
        engine.Content(context.Id).Keys.ShouldBe(expected);
        using var service = EmbeddedService.Open(new EmbeddedOptions { HomeDirectory = engine.Home, MountKind = next });
        var later = await service.CreateSessionAsync(
            new AgbSessionRequest { ContextSyncs = [new AgbContextSync { ContextId = context.Id, Path = "/data" }] }, Token);
        (await engine.RunAsync(later, Show)).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .ShouldBe(expected[1..].Select(e => "." + e["/data".Length..]));
        await engine.RemoveAsync(later);
        (await AgbStore.CheckAsync(engine.Home, new AgbStoreCheckOptions { Deep = true }, Token)).Problems.ShouldBeEmpty();
    }
}
