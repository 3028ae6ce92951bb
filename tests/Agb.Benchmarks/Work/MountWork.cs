using Agb.Benchmarks.Measure;

namespace Agb.Benchmarks.Work;

/// <summary>Contexts mounted into a running session, beside the same mounts at the creation of a session, and beside a smaller context.</summary>
internal sealed class MountWork : Benchmark
{
    /// <inheritdoc/>
    internal override string Name => "mount";

    /// <inheritdoc/>
    internal override async IAsyncEnumerable<Row> RunAsync(TestStand stand)
    {
        var mounts = stand.Quick ? 4 : AgbSessionRequest.MaxContextSyncs;
        var small = await stand.ContextWithFilesAsync("mount-few", 20).ConfigureAwait(false);
        var large = await stand.ContextWithFilesAsync("mount-many", stand.Quick ? 200 : 20_000).ConfigureAwait(false);
        await stand.SettleAsync().ConfigureAwait(false);
        AgbSession? created = null;
        var create = new Side("create", $"New-AgbSession with {mounts} contexts", async () => created = await CreateAsync(stand, large, mounts).ConfigureAwait(false))
        {
            After = () => stand.RemoveAsync(created!, discard: true),
            Target = 1.5,
        };
        var many = new Comparison(Name, $"mount {mounts} contexts into a running session, with its creation", Mount(stand, large, mounts, timesCreation: true), create);
        var flat = new Comparison(
            Name, "mount a context of 20,000 files into a running session", Mount(stand, large, 1),
            Mount(stand, small, 1) with { Name = "few", Description = "a context of 20 files", Target = 1.5 });
        foreach (var comparison in new[] { many, flat })
        {
            foreach (var row in await comparison.RunAsync(stand.ShortRuns, stand.WarmUps, stand.Stopping).ConfigureAwait(false))
            {
                yield return row;
            }
        }
    }

    private static Side Mount(TestStand stand, AgbContext context, int mounts, bool timesCreation = false)
    {
        AgbSession? session = null;
        async Task CreateSessionAsync() => session = await stand.SessionAsync().ConfigureAwait(false);
        return new Side("agb", "Mount-AgbContext", async () =>
        {
            if (timesCreation)
            {
                await CreateSessionAsync().ConfigureAwait(false);
            }
            for (var i = 0; i < mounts; i++)
            {
                await ((ISessionMountService)stand.Service).MountContextAsync(
                    session!, new AgbMountRequest { Sync = SyncOf(context, i) }, stand.Stopping).ConfigureAwait(false);
            }
        })
        {
            Before = timesCreation ? null : CreateSessionAsync,
            After = () => stand.RemoveAsync(session!, discard: true),
        };
    }

    private static Task<AgbSession> CreateAsync(TestStand stand, AgbContext context, int mounts) => stand.Service.CreateSessionAsync(
        new AgbSessionRequest { ContextSyncs = [.. Enumerable.Range(0, mounts).Select(i => SyncOf(context, i))] }, stand.Stopping);

    private static AgbContextSync SyncOf(AgbContext context, int number) => new()
    {
        ContextId = context.Id, Path = $"/data/n{number}", Policy = new AgbSyncPolicy { Mapping = new AgbMappingPolicy { Path = "/data" } },
    };
}
