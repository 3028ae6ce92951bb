namespace Agb.Engine.Store.Tests;

/// <summary>What the hot paths allocate, in bytes an operation. The limits are about twice what was measured: they hold on any
/// machine, and an allocation for each entry, each layer or each poll does not pass them.</summary>
[Collection(nameof(AllocationTests))]
[CollectionDefinition(nameof(AllocationTests), DisableParallelization = true)]
public sealed class AllocationTests(ITestOutputHelper output)
{
    private const int Rounds = 10;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Attaching_takes_no_more_for_a_thousand_files_than_for_ten()
    {
        await using var engine = await EngineFixture.CreateAsync(MountKind.Overlay);
        var small = await FillAsync(engine, "small", 10);
        var large = await FillAsync(engine, "large", 1000);
        var (few, many) = (await AttachAsync(engine, small), await AttachAsync(engine, large));
        few.ShouldBeLessThan(600_000);
        many.ShouldBeLessThan(few + 100_000);
    }

    [Fact]
    public async Task A_sync_of_nothing()
    {
        await using var engine = await EngineFixture.CreateAsync(MountKind.Overlay);
        var context = await FillAsync(engine, "c", 1000);
        var session = await engine.SessionAsync(context.Id);
        await engine.SyncAsync(session);
        (await MeasureAsync("sync of nothing", () => engine.SyncAsync(session))).ShouldBeLessThan(300_000);
        await engine.RemoveAsync(session);
    }

    [Fact]
    public async Task A_command()
    {
        await using var engine = await EngineFixture.CreateAsync(MountKind.Overlay);
        var session = await engine.SessionAsync((await FillAsync(engine, "c", 10)).Id);
        (await MeasureAsync("command", () => engine.RunAsync(session, "true"))).ShouldBeLessThan(400_000);
        await engine.RemoveAsync(session);
    }

    private async Task<long> AttachAsync(EngineFixture engine, AgbContext context)
    {
        var sessions = new Queue<AgbSession>();
        var bytes = await MeasureAsync($"attach of {context.Name}", async () => sessions.Enqueue(await engine.SessionAsync(context.Id)));
        foreach (var session in sessions)
        {
            await engine.RemoveAsync(session);
        }
        return bytes;
    }

    private static async Task<AgbContext> FillAsync(EngineFixture engine, string name, int files)
    {
        var context = await engine.Service.CreateContextAsync(name, cancellationToken: Token);
        var session = await engine.SessionAsync(context.Id);
        await engine.RunAsync(session, $"cd /data && for i in $(seq {files}); do echo $i > f$i; done");
        await engine.RemoveAsync(session);
        return context;
    }

    /// <summary>The median, because the runtime compiles and other threads allocate now and then.</summary>
    private async Task<long> MeasureAsync(string what, Func<Task> operation)
    {
        await operation();
        var bytes = new long[Rounds];
        for (var i = 0; i < Rounds; i++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            await operation();
            bytes[i] = GC.GetTotalAllocatedBytes(precise: true) - before;
        }
        Array.Sort(bytes);
        output.WriteLine($"{what}: {bytes[Rounds / 2]} bytes");
        return bytes[Rounds / 2];
    }
}
