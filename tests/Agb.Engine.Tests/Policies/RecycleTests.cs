using Agb.Engine.Tests.Conformance;
using Agb.Conformance;

namespace Agb.Engine.Tests.Policies;

/// <summary>Data leaves a context by itself when its lifecycle is over since it was last stored. The clock is the tests' own.</summary>
public sealed class RecycleTests : EngineTest
{
    private const string Path = "/home/data";
    private readonly TestClock _clock = new();

    [Fact]
    public async Task What_was_not_stored_again_in_time_goes_and_the_rest_stays()
    {
        var (service, context) = await NewContextAsync();
        await StoreAsync(service, context, Keep(3), "mkdir -p d/e; echo 1 >old; echo 1 >again; echo 1 >d/e/f; ln -s old link");
        _clock.Advance(TimeSpan.FromDays(2));
        await StoreAsync(service, context, Keep(3), "echo 2 >again; echo 2 >new");
        (await TreeAsync(service, context)).ShouldBe("again d d/e d/e/f link new old");
        _clock.Advance(TimeSpan.FromHours(23.9));
        (await TreeAsync(service, context)).ShouldBe("again d d/e d/e/f link new old");
        _clock.Advance(TimeSpan.FromHours(0.1));
        (await TreeAsync(service, context)).ShouldBe("again new");
        var version = await service.ListContextVersionsAsync(context, Token).FirstAsync(Token);
        (version.Origin, version.FilesDeleted, version.BytesRemoved, version.SessionId).ShouldBe((AgbVersionOrigin.Recycle, 3, 4, null));
        _clock.Advance(TimeSpan.FromDays(2));
        (await TreeAsync(service, context)).ShouldBe("");
        (await service.ListContextVersionsAsync(context, Token).CountAsync(Token)).ShouldBe(4);
    }

    [Fact]
    public async Task Without_an_end_nothing_goes()
    {
        var (service, context) = await NewContextAsync();
        await StoreAsync(service, context, new AgbSyncPolicy(), "echo 1 >a");
        _clock.Advance(TimeSpan.FromDays(4000));
        (await TreeAsync(service, context)).ShouldBe("a");
    }

    [Fact]
    public async Task Only_the_recycle_paths_are_looked_at()
    {
        var (service, context) = await NewContextAsync();
        await StoreAsync(
            service, context, Keep(1, "tmp", "/logs/old", Path + "/one"), "mkdir -p tmp logs/old logs/new; touch tmp/a logs/old/b logs/new/c one two tmpfile");
        _clock.Advance(TimeSpan.FromDays(1));
        (await TreeAsync(service, context)).ShouldBe("logs logs/new logs/new/c tmpfile two");
    }

    [Fact]
    public async Task The_policy_of_the_last_upload_counts_and_a_reader_changes_nothing()
    {
        var (service, context) = await NewContextAsync();
        await StoreAsync(service, context, Keep(1), "echo 1 >a");
        _clock.Advance(TimeSpan.FromHours(20));
        (await TreeAsync(service, context)).ShouldBe("a");
        await StoreAsync(service, context, Keep(3), "echo 1 >b");
        _clock.Advance(TimeSpan.FromHours(20));
        (await TreeAsync(service, context)).ShouldBe("a b");
        await StoreAsync(service, context, Keep(1), "echo 1 >c");
        (await TreeAsync(service, context)).ShouldBe("b c");
    }

    [Fact]
    public async Task Each_path_of_origin_has_the_policy_of_its_own_also_inside_another()
    {
        var (service, context) = await NewContextAsync();
        await StoreAsync(service, context, Keep(1), "mkdir sub; echo 1 >a; echo 1 >sub/b");
        await StoreAsync(service, context, new AgbSyncPolicy(), "echo 1 >c", Path + "/sub");
        await StoreAsync(service, context, Keep(5), "echo 1 >d", "/srv/mapped", origin: "/home/other");
        _clock.Advance(TimeSpan.FromDays(1));
        (await TreeAsync(service, context)).ShouldBe("sub sub/b sub/c");
        (await TreeAsync(service, context, "/home/other")).ShouldBe("d");
        _clock.Advance(TimeSpan.FromDays(4));
        (await TreeAsync(service, context, "/home/other")).ShouldBe("");
    }

    [Fact]
    public async Task A_compaction_does_not_make_data_younger()
    {
        var (service, context) = await NewContextAsync();
        var session = await service.CreateSessionAsync(new AgbSessionRequest { ContextSyncs = [context.At(Path, Keep(3))] }, Token);
        for (var i = 0; i < Compactor.MaxDepth; i++)
        {
            await ShellAsync(service, session, $"echo {i} >{Path}/f{i:00}");
            await SyncAsync(service, session);
            _clock.Advance(TimeSpan.FromHours(1));
        }
        await ShellAsync(service, session, $"echo last >{Path}/last");
        await SyncAsync(service, session);
        Depth(service, context).ShouldBeLessThanOrEqualTo(Compactor.MaxDepth);
        await service.RemoveSessionAsync(session, cancellationToken: Token);
        _clock.Advance(TimeSpan.FromDays(3) - TimeSpan.FromHours(Compactor.MaxDepth - 5));
        (await TreeAsync(service, context)).ShouldBe(
            string.Join(' ', Enumerable.Range(6, Compactor.MaxDepth - 6).Select(i => $"f{i:00}").Append("last")));
    }

    [Fact]
    public async Task The_timer_recycles_what_nobody_looks_at()
    {
        var (service, context) = await NewContextAsync();
        await StoreAsync(service, context, Keep(1), "echo 1 >a");
        _clock.Advance(TimeSpan.FromDays(1));
        _clock.Tick();
        await Eventually.HoldsAsync("the timer has recycled", () => Head(service, context) == 2);
    }

    [Fact]
    public async Task A_running_session_keeps_what_it_sees_and_a_download_takes_it_away()
    {
        var (service, context) = await NewContextAsync();
        await StoreAsync(service, context, Keep(1), "echo 1 >a; echo 1 >changed");
        var session = await service.CreateSessionAsync(new AgbSessionRequest { ContextSyncs = [context.At(Path, Keep(1))] }, Token);
        await ShellAsync(service, session, $"echo 2 >{Path}/changed");
        _clock.Advance(TimeSpan.FromDays(1));
        (await TreeAsync(service, context)).ShouldBe("");
        (await ShellAsync(service, session, $"cat {Path}/a {Path}/changed")).ShouldBe("1\n2");
        await SyncAsync(service, session, AgbSyncTaskType.Download);
        (await ShellAsync(service, session, $"ls {Path}")).ShouldBe("changed");
        await service.RemoveSessionAsync(session, cancellationToken: Token);
        (await TreeAsync(service, context)).ShouldBe("changed");
    }

    [Fact]
    public async Task What_was_brought_back_lives_anew()
    {
        var (service, context) = await NewContextAsync();
        await StoreAsync(service, context, Keep(1), "echo 1 >a");
        _clock.Advance(TimeSpan.FromHours(20));
        service.Parts.Catalog.Write(tx => OriginTable.RestartLifecycles(tx, context.Id, _clock.GetUtcNow()));
        _clock.Advance(TimeSpan.FromHours(20));
        (await TreeAsync(service, context)).ShouldBe("a");
        _clock.Advance(TimeSpan.FromHours(4));
        (await TreeAsync(service, context)).ShouldBe("");
    }

    [Fact]
    public async Task However_often_data_is_recycled_the_layers_stay_few()
    {
        var (service, context) = await NewContextAsync();
        var session = await service.CreateSessionAsync(new AgbSessionRequest { ContextSyncs = [context.At(Path, Keep(3))] }, Token);
        for (var i = 0; i <= Compactor.MaxDepth; i++)
        {
            await ShellAsync(service, session, $"echo {i} >{Path}/f{i:00}");
            await SyncAsync(service, session);
            _clock.Advance(TimeSpan.FromHours(1));
        }
        await service.RemoveSessionAsync(session, cancellationToken: Token);
        _clock.Advance(TimeSpan.FromDays(3) - TimeSpan.FromHours(Compactor.MaxDepth + 1));
        for (var gone = 1; gone <= Compactor.MaxDepth; gone++)
        {
            // Each look finds one file whose time is over.
            (await service.ListContextFilesAsync(context, new AgbContextFileQuery { Path = Path }, Token).CountAsync(Token))
                .ShouldBe(Compactor.MaxDepth + 1 - gone);
            Depth(service, context).ShouldBeLessThanOrEqualTo(Compactor.MaxDepth);
            _clock.Advance(TimeSpan.FromHours(1));
        }
    }

    [Fact]
    public async Task What_is_being_cleared_is_not_recycled_as_well()
    {
        var (service, context) = await NewContextAsync();
        await StoreAsync(service, context, Keep(1), "echo 1 >a");
        service.Parts.Clearer.Register(context.Id);
        _clock.Advance(TimeSpan.FromDays(1));
        await service.Parts.EntryExpiry.RunAsync(context.Id, Token);
        Head(service, context).ShouldBe(1);
        await service.Parts.Clearer.FinishAsync(context.Id);
        (await service.ListContextVersionsAsync(context, Token).Select(v => v.Origin).ToArrayAsync(Token))
            .ShouldBe([AgbVersionOrigin.Clear, AgbVersionOrigin.Upload]);
    }

    private async Task<(EmbeddedService Service, AgbContext Context)> NewContextAsync()
    {
        var service = Open(_clock);
        return (service, await service.CreateContextAsync("c", cancellationToken: Token));
    }

    private static int Depth(EmbeddedService service, AgbContext context) =>
        LayerStack.Parse(service.Parts.Catalog.Read(tx => VersionTable.HeadStack(tx, context.Id))).Length;

    private static long Head(EmbeddedService service, AgbContext context) =>
        service.Parts.Catalog.Read(tx => ContextTable.ById(tx, context.Id)!.Head);

    private static AgbSyncPolicy Keep(int days, params string[] paths) => new()
    {
        Recycle = paths.Length == 0
            ? new AgbRecyclePolicy { Lifecycle = (AgbLifecycle)days }
            : new AgbRecyclePolicy { Lifecycle = (AgbLifecycle)days, Paths = paths },
    };

    private static async Task StoreAsync(
        IAgbService service, AgbContext context, AgbSyncPolicy policy, string command, string path = Path, string? origin = null)
    {
        var mapped = origin is null ? policy : policy with { Mapping = new AgbMappingPolicy { Path = origin } };
        var session = await service.CreateSessionAsync(new AgbSessionRequest { ContextSyncs = [context.At(path, mapped)] }, Token);
        await ShellAsync(service, session, $"cd {path} && {command}");
        await service.RemoveSessionAsync(session, cancellationToken: Token);
    }

    private static async Task SyncAsync(IAgbService service, AgbSession session, AgbSyncTaskType mode = AgbSyncTaskType.Upload)
    {
        await service.StartSyncAsync(session, new AgbSyncRequest { Mode = mode }, Token);
        (await service.WaitSyncAsync(session, TimeSpan.FromMinutes(1), cancellationToken: Token))
            .ShouldAllBe(t => t.Status == AgbSyncTaskStatus.Success);
    }

    private static async Task<string> TreeAsync(IAgbService service, AgbContext context, string path = Path) =>
        (await AskAsync(service, context, path, "find . -mindepth 1 -printf '%P\\n' | LC_ALL=C sort")).Replace('\n', ' ');
}
