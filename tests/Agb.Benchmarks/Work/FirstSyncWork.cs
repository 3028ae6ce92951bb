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
    protected abstract IEnumerable<Copy> Copies(Copiers copiers);

    /// <summary>Whether what a run made is removed before the next one. Many files are kept: ext4 passes over every inode that
    /// was freed a short while ago when it looks for a new one, and the sides would pay for each other's removals.</summary>
    protected abstract bool RemovesAtOnce { get; }

    /// <summary>The ratio to reach of a release beside the flush alone.</summary>
    protected abstract double ReleaseTarget { get; }

    /// <inheritdoc/>
    internal override async IAsyncEnumerable<Row> RunAsync(TestStand stand)
    {
        var copiers = new Copiers(stand.Programs, stand.NewDirectory(Name));
        foreach (var row in await SyncAsync(stand, copiers).ConfigureAwait(false))
        {
            yield return row;
        }
        foreach (var row in await ReleaseAsync(stand, copiers).ConfigureAwait(false))
        {
            yield return row;
        }
    }

    private async Task<IReadOnlyList<Row>> SyncAsync(TestStand stand, Copiers copiers)
    {
        AgbSession? session = null;
        var ours = new Side("agb", "Sync-AgbContext", () => stand.SyncAsync(session!))
        {
            Before = async () =>
            {
                session = await WriteAsync(stand).ConfigureAwait(false);
                await stand.SettleAsync().ConfigureAwait(false);
            },
            After = RemovesAtOnce ? () => DropAsync(stand, session!) : null,
        };
        var comparison = new Comparison(
            Name, $"first sync of {What(stand)}", ours, Copies(copiers).Select(c => MakeSide(stand, copiers, c)));
        return await comparison.RunAsync(stand.LongRuns, stand.WarmUps, stand.Stopping).ConfigureAwait(false);
    }

    /// <summary>Copies what was just written and flushed, as ours does: a device may be slower for a while after it has written much.</summary>
    private Side MakeSide(TestStand stand, Copiers copiers, Copy copy)
    {
        var (from, to) = ("", "");
        return copiers.Make(
            copy.Name, copy.Description + "; sync -f", copy.Target,
            async () =>
            {
                await copy.Work(from, to).ConfigureAwait(false);
                await copiers.FlushAsync(to).ConfigureAwait(false);
            },
            before: async () =>
            {
                from = await WriteAsync(stand, copiers).ConfigureAwait(false);
                to = copiers.Target(NextName(copy.Name));
                await stand.SettleAsync().ConfigureAwait(false);
            },
            after: !RemovesAtOnce ? null : async () =>
            {
                await copiers.RemoveAsync(from).ConfigureAwait(false);
                await copiers.RemoveAsync(to).ConfigureAwait(false);
            });
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
            After = RemovesAtOnce ? () => stand.Service.RemoveContextAsync(new ContextId(session!.ContextSyncs[0].ContextId)) : null,
        };
        var written = "";
        var flush = copiers.Make(
            "sync", "sync -f of the same, freshly written", ReleaseTarget, () => copiers.FlushAsync(written),
            before: async () =>
            {
                await stand.SettleAsync().ConfigureAwait(false);
                written = await WriteAsync(stand, copiers).ConfigureAwait(false);
            },
            after: RemovesAtOnce ? () => copiers.RemoveAsync(written) : null);
        var comparison = new Comparison(Name + "-release", $"release of a session with {What(stand)}", ours, flush);
        return await comparison.RunAsync(stand.LongRuns, stand.WarmUps, stand.Stopping).ConfigureAwait(false);
    }

    private string NextName(string name) => string.Create(CultureInfo.InvariantCulture, $"{name}-{++_count}");

    private async Task<string> WriteAsync(TestStand stand, Copiers copiers)
    {
        var written = Directory.CreateDirectory(copiers.Target(NextName("written"))).FullName;
        await stand.Programs.ShellAsync(Script(stand, written)).ConfigureAwait(false);
        return written;
    }

    private async Task<AgbSession> WriteAsync(TestStand stand)
    {
        var context = await stand.Service.CreateContextAsync(NextName(Name)).ConfigureAwait(false);
        var session = await stand.SessionAsync(context.Id).ConfigureAwait(false);
        await stand.CommandAsync(session, Script(stand, "/data")).ConfigureAwait(false);
        return session;
    }

    private static async Task DropAsync(TestStand stand, AgbSession session)
    {
        await stand.RemoveAsync(session, discard: true).ConfigureAwait(false);
        await stand.Service.RemoveContextAsync(new ContextId(session.ContextSyncs[0].ContextId)).ConfigureAwait(false);
    }
}

/// <summary>A program that copies a directory to a place that is not there yet.</summary>
internal sealed record Copy(string Name, string Description, double? Target, Func<string, string, Task> Work);

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
    protected override bool RemovesAtOnce => false;

    /// <inheritdoc/>
    protected override IEnumerable<Copy> Copies(Copiers copiers) =>
        [new("rsync", "rsync -a", null, copiers.RsyncAsync), new("cp", "cp -r", 1, copiers.CpAsync)];

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
    protected override bool RemovesAtOnce => true;

    /// <inheritdoc/>
    protected override IEnumerable<Copy> Copies(Copiers copiers) => [new("cp", "cp -r", 1.1, copiers.CpAsync)];

    private static int Megabytes(TestStand stand) => stand.Quick ? 8 : 1024;
}
