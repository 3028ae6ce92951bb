using System.Globalization;
using Agb.Benchmarks.Measure;

namespace Agb.Benchmarks.Work;

/// <summary>A context with a long history beside one with a single version of the same files.</summary>
internal sealed class HistoryWork : Benchmark
{
    private const int FileCount = 100;
    private const double Target = 1.5;
    private const double ListTarget = 1.2;

    /// <inheritdoc/>
    internal override string Name => "history";

    /// <inheritdoc/>
    internal override async IAsyncEnumerable<Row> RunAsync(TestStand stand)
    {
        var versions = stand.Quick ? 5 : 1_000;
        var deep = await stand.Service.CreateContextAsync("history-deep").ConfigureAwait(false);
        var session = await stand.SessionAsync(deep.Id).ConfigureAwait(false);
        for (var i = 0; i < versions; i++)
        {
            stand.Stopping.ThrowIfCancellationRequested();
            var change = string.Create(CultureInfo.InvariantCulture, $"echo {i} > /data/{i % FileCount}");
            await stand.CommandAsync(session, change).ConfigureAwait(false);
            await stand.SyncAsync(session).ConfigureAwait(false);
        }
        await stand.RemoveAsync(session, discard: true).ConfigureAwait(false);
        var flat = await stand.Service.CreateContextAsync("history-flat").ConfigureAwait(false);
        session = await stand.SessionAsync(flat.Id).ConfigureAwait(false);
        await stand.CommandAsync(session, $"cd /data; for i in $(seq 0 {Math.Min(versions, FileCount) - 1}); do echo $i > $i; done")
            .ConfigureAwait(false);
        await stand.RemoveAsync(session).ConfigureAwait(false);
        await stand.SettleAsync().ConfigureAwait(false);

        (string Name, string Work, Func<string, Side> Make)[] kinds =
        [
            ("attach", "attach", id => Attach(stand, id)),
            ("list", "list the files of", id => new Side("", "", () => ListAsync(stand, id)) { Target = ListTarget }),
            ("restore", "restore the first version of", id => new Side("", "", () => stand.Service.RestoreContextAsync(new ContextId(id), 1))),
        ];
        foreach (var (name, work, make) in kinds)
        {
            yield return await RunAsync(
                stand, name, $"{work} a context of {versions:N0} versions", make(deep.Id), make(flat.Id)).ConfigureAwait(false);
        }
    }

    private async Task<Row> RunAsync(TestStand stand, string name, string work, Side ours, Side flat)
    {
        var peer = flat with { Name = "one", Description = "the same of one version", Target = flat.Target ?? Target };
        var rows = await new Comparison($"{Name}-{name}", work, ours with { Name = "agb" }, peer)
            .RunAsync(stand.ShortRuns, stand.WarmUps, stand.Stopping).ConfigureAwait(false);
        return rows[0];
    }

    private static Side Attach(TestStand stand, string contextId)
    {
        AgbSession? session = null;
        return new Side("", "", async () =>
        {
            session = await stand.SessionAsync(contextId).ConfigureAwait(false);
            await stand.CommandAsync(session, "cat /data/0 > /dev/null").ConfigureAwait(false);
        })
        {
            After = () => stand.RemoveAsync(session!, discard: true),
        };
    }

    private static async Task ListAsync(TestStand stand, string contextId)
    {
        var count = 0;
        await foreach (var file in stand.Service.ListContextFilesAsync(new ContextId(contextId), new AgbContextFileQuery { Path = "/data" }).ConfigureAwait(false))
        {
            count++;
        }
        if (count == 0)
        {
            throw new InvalidOperationException("The context has no files.");
        }
    }
}
