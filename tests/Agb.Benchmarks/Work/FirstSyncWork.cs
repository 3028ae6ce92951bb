using System.Globalization;
using Agb.Benchmarks.Measure;
using Agb.Benchmarks.Peers;

namespace Agb.Benchmarks.Work;

/// <summary>The first upload of what a session wrote: by a sync, which copies, and by a release, which does not.</summary>
internal abstract class FirstSyncWork : Benchmark
{
    private int _count;

    /// <summary>What is written, in words.</summary>
    protected abstract string What(TestStand stand);

    /// <summary>The script that writes it.</summary>
    protected abstract string Script(TestStand stand, string at);

    /// <summary>Who copies it, and how well ours shall do beside each.</summary>
    protected abstract IEnumerable<Side> CopySides(Copiers copiers, string source, Func<Task> before);

    /// <summary>The ratio to reach of a release beside the flush alone.</summary>
    protected abstract double ReleaseTarget { get; }

    /// <inheritdoc/>
    internal override async IAsyncEnumerable<Row> RunAsync(TestStand stand)
    {
        var copiers = new Copiers(stand.Programs, stand.NewDirectory(Name));
        var source = stand.NewDirectory(Name + "-source");
        await stand.Programs.ShellAsync(Script(stand, source)).ConfigureAwait(false);
        foreach (var row in await SyncAsync(stand, copiers, source).ConfigureAwait(false))
        {
            yield return row;
        }
        foreach (var row in await ReleaseAsync(stand, copiers).ConfigureAwait(false))
        {
            yield return row;
        }
        await copiers.RemoveAsync(source).ConfigureAwait(false);
    }

    private async Task<IReadOnlyList<Row>> SyncAsync(TestStand stand, Copiers copiers, string source)
    {
        AgbSession? session = null;
        var ours = new Side("agb", "Sync-AgbContext", () => stand.SyncAsync(session!))
        {
            Before = async () =>
            {
                session = await WriteAsync(stand).ConfigureAwait(false);
                await stand.SettleAsync().ConfigureAwait(false);
            },
            After = () => DropAsync(stand, session!),
        };
        var comparison = new Comparison(
            Name, $"first sync of {What(stand)}", ours, CopySides(copiers, source, stand.SettleAsync));
        return await comparison.RunAsync(stand.LongRuns, stand.WarmUps, stand.Stopping).ConfigureAwait(false);
    }

    private async Task<IReadOnlyList<Row>> ReleaseAsync(TestStand stand, Copiers copiers)
    {
        AgbSession? session = null;
        var ours = new Side("agb", "Remove-AgbSession", () => stand.RemoveAsync(session!))
        {
            Before = async () =>
            {
                await stand.SettleAsync().ConfigureAwait(false);
                session = await WriteAsync(stand).ConfigureAwait(false);
            },
            After = () => stand.Service.RemoveContextAsync(session!.ContextSyncs[0].ContextId),
        };
        var written = copiers.Target("flush");
        var flush = copiers.Make(
            "sync", "sync -f of the same, freshly written", ReleaseTarget, () => copiers.FlushAsync(written),
            before: async () =>
            {
                await stand.SettleAsync().ConfigureAwait(false);
                Directory.CreateDirectory(written);
                await stand.Programs.ShellAsync(Script(stand, written)).ConfigureAwait(false);
            },
            after: () => copiers.RemoveAsync(written));
        var comparison = new Comparison(Name + "-release", $"release of a session with {What(stand)}", ours, flush);
        return await comparison.RunAsync(stand.LongRuns, stand.WarmUps, stand.Stopping).ConfigureAwait(false);
    }

    private async Task<AgbSession> WriteAsync(TestStand stand)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{Name}-{++_count}");
        var context = await stand.Service.CreateContextAsync(name).ConfigureAwait(false);
        var session = await stand.SessionAsync(context.Id).ConfigureAwait(false);
        await stand.CommandAsync(session, Script(stand, "/data")).ConfigureAwait(false);
        return session;
    }

    private static async Task DropAsync(TestStand stand, AgbSession session)
    {
        await stand.RemoveAsync(session, discard: true).ConfigureAwait(false);
        await stand.Service.RemoveContextAsync(session.ContextSyncs[0].ContextId).ConfigureAwait(false);
    }
}

/// <summary>Many small files.</summary>
internal sealed class ManyFilesWork : FirstSyncWork
{
    /// <inheritdoc/>
    internal override string Name => "first-sync-files";

    /// <inheritdoc/>
    protected override double ReleaseTarget => 1.2;

    /// <inheritdoc/>
    protected override string What(TestStand stand) => $"{Count(stand):N0} small files";

    /// <inheritdoc/>
    protected override string Script(TestStand stand, string at) => Files.Make(at, Count(stand));

    /// <inheritdoc/>
    protected override IEnumerable<Side> CopySides(Copiers copiers, string source, Func<Task> before)
    {
        var (rsync, cp) = (copiers.Target("rsync"), copiers.Target("cp"));
        yield return copiers.Make(
            "rsync", "rsync -a; sync -f", null, copiers.Durable(() => copiers.RsyncAsync(source, rsync), rsync), before,
            () => copiers.RemoveAsync(rsync));
        yield return copiers.Make(
            "cp", "cp -r; sync -f", 1, copiers.Durable(() => copiers.CpAsync(source, cp), cp), before, () => copiers.RemoveAsync(cp));
    }

    private static int Count(TestStand stand) => stand.Quick ? 200 : 20_000;
}

/// <summary>One large file.</summary>
internal sealed class LargeFileWork : FirstSyncWork
{
    /// <inheritdoc/>
    internal override string Name => "first-sync-large";

    /// <inheritdoc/>
    protected override double ReleaseTarget => 1.1;

    /// <inheritdoc/>
    protected override string What(TestStand stand) => $"one file of {Megabytes(stand):N0} MiB";

    /// <inheritdoc/>
    protected override string Script(TestStand stand, string at) => $"head -c {Megabytes(stand)}M /dev/urandom > {at}/file";

    /// <inheritdoc/>
    protected override IEnumerable<Side> CopySides(Copiers copiers, string source, Func<Task> before)
    {
        var cp = copiers.Target("cp");
        yield return copiers.Make(
            "cp", "cp; sync -f", 1.1, copiers.Durable(() => copiers.CpAsync(source, cp), cp), before, () => copiers.RemoveAsync(cp));
    }

    private static int Megabytes(TestStand stand) => stand.Quick ? 8 : 1024;
}
