using System.Globalization;
using Agb.Benchmarks.Measure;
using Agb.Benchmarks.Peers;

namespace Agb.Benchmarks.Work;

/// <summary>A small change of a large file: the sync of it, the attachment of its versions, and their size on disk.</summary>
internal sealed class LargeChangeWork : Benchmark
{
    private const int Versions = 10;

    private int _count;

    /// <inheritdoc/>
    internal override string Name => "large-change";

    /// <inheritdoc/>
    internal override async IAsyncEnumerable<Row> RunAsync(TestStand stand)
    {
        var size = stand.Quick ? 80 : 1024;
        var copiers = new Copiers(stand.Programs, stand.NewDirectory(Name));
        var source = stand.NewDirectory("large-change-source");
        await stand.Programs.ShellAsync(Make(source, size)).ConfigureAwait(false);
        var context = await stand.Service.CreateContextAsync(Name).ConfigureAwait(false);
        var session = await stand.SessionAsync(context.Id).ConfigureAwait(false);
        await stand.CommandAsync(session, Make("/data", size)).ConfigureAwait(false);
        await stand.RemoveAsync(session).ConfigureAwait(false);

        session = await stand.SessionAsync(context.Id).ConfigureAwait(false);
        var target = copiers.Target("rsync");
        var work = $"sync after 4 KiB changed in a file of {size} MiB";
        var change = new Comparison(
            Name, work,
            new Side("agb", "Sync-AgbContext", () => stand.SyncAsync(session))
            {
                Before = async () =>
                {
                    await stand.CommandAsync(session, Change("/data", size)).ConfigureAwait(false);
                    await stand.SettleAsync().ConfigureAwait(false);
                },
            },
            copiers.Make(
                "rsync", "rsync -a --inplace --no-whole-file; sync -f", 1.0,
                copiers.Durable(() => stand.Programs.RunAsync("rsync", "-a", "--inplace", "--no-whole-file", source + "/", target + "/"), target),
                async () =>
                {
                    await stand.Programs.ShellAsync(Change(source, size)).ConfigureAwait(false);
                    await stand.SettleAsync().ConfigureAwait(false);
                }));
        foreach (var row in await change.RunAsync(stand.LongRuns, warmUps: 1, stand.Stopping).ConfigureAwait(false))
        {
            yield return row;
        }
        await stand.RemoveAsync(session, discard: true).ConfigureAwait(false);

        await MakeVersionsAsync(stand, context, size).ConfigureAwait(false);
        yield return SizeRow(stand, context, size);
        foreach (var row in await AttachNewestAsync(stand, context).ConfigureAwait(false))
        {
            yield return row;
        }
        foreach (var row in await AttachOlderAsync(stand, context, copiers, (source, size)).ConfigureAwait(false))
        {
            yield return row;
        }
    }

    private async Task MakeVersionsAsync(TestStand stand, AgbContext context, int size)
    {
        var session = await stand.SessionAsync(context.Id).ConfigureAwait(false);
        for (var i = 0; i < Versions; i++)
        {
            await stand.CommandAsync(session, Change("/data", size)).ConfigureAwait(false);
            await stand.SyncAsync(session).ConfigureAwait(false);
        }
        await stand.RemoveAsync(session, discard: true).ConfigureAwait(false);
        stand.Engine.LargeSettler.Settle(context.Id, stand.Stopping);
        await stand.SettleAsync().ConfigureAwait(false);
    }

    /// <summary>Disk of all versions but the newest, for each of them, beside four times the change or 8 MiB.</summary>
    private Row SizeRow(TestStand stand, AgbContext context, int size)
    {
        const double allowed = 8;
        var versions = stand.Engine.Catalog.Read(tx => VersionTable.OfContext(tx, context.Id)).Count;
        var used = Directory.EnumerateFiles(stand.Engine.Paths.Large).Sum(f => new FileInfo(f).Length) / (double)(1 << 20);
        var bytes = (used - size) / (versions - 1);
        return new Row
        {
            Name = Name + "-disk/allowed", Work = $"disk for each of {versions - 1} older versions of a file of {size} MiB", Peer = "8 MiB", Unit = "MiB",
            Target = 1, Ours = new Samples([bytes]), Theirs = new Samples([allowed]),
        };
    }

    private async Task<IReadOnlyList<Row>> AttachNewestAsync(TestStand stand, AgbContext context)
    {
        var small = await stand.ContextWithFilesAsync("large-change-small", 100).ConfigureAwait(false);
        await stand.SettleAsync().ConfigureAwait(false);
        var comparison = new Comparison(
            Name + "-attach", "attach the newest version of a large file that changed",
            Attach(stand, context.Id, "head -c 1 /data/file > /dev/null") with { Name = "agb" },
            Attach(stand, small.Id, "head -c 1 /data/d1/f00 > /dev/null") with { Name = "small", Description = "a context of 100 small files", Target = 1.2 });
        return await comparison.RunAsync(stand.ShortRuns, stand.WarmUps, stand.Stopping).ConfigureAwait(false);
    }

    private async Task<IReadOnlyList<Row>> AttachOlderAsync(TestStand stand, AgbContext context, Copiers copiers, (string Source, int Size) file)
    {
        // A restored version is an older one that becomes the newest: its file is made whole once, by its first attachment.
        var oldest = stand.Engine.Catalog.Read(tx => VersionTable.OfContext(tx, context.Id))[^2].Version;
        var copy = "";
        var ours = Attach(stand, context.Id, "head -c 1 /data/file > /dev/null");
        var comparison = new Comparison(
            Name + "-older", $"attach an older version of a file of {file.Size} MiB",
            ours with
            {
                Before = async () =>
                {
                    // The file that an earlier run made whole is a delta again.
                    stand.Engine.LargeSettler.Settle(context.Id, stand.Stopping);
                    await stand.Service.RestoreContextAsync(context, oldest++).ConfigureAwait(false);
                    await stand.SettleAsync().ConfigureAwait(false);
                },
            },
            copiers.Make(
                "cp", "cp of the file; sync -f", 1.5,
                async () =>
                {
                    copy = copiers.Target(string.Create(CultureInfo.InvariantCulture, $"cp-{++_count}"));
                    await stand.Programs.RunAsync("cp", file.Source + "/file", copy).ConfigureAwait(false);
                    await copiers.FlushAsync(copy).ConfigureAwait(false);
                },
                before: stand.SettleAsync,
                after: () => copiers.RemoveAsync(copy)));
        return await comparison.RunAsync(Math.Min(stand.LongRuns, Versions - 2), warmUps: 0, stand.Stopping).ConfigureAwait(false);
    }

    private static Side Attach(TestStand stand, string contextId, string command)
    {
        AgbSession? session = null;
        return new Side("agb", "New-AgbSession -Path, Invoke-AgbCommand", async () =>
        {
            session = await stand.SessionAsync(contextId).ConfigureAwait(false);
            await stand.CommandAsync(session, command).ConfigureAwait(false);
        })
        {
            After = () => stand.RemoveAsync(session!, discard: true),
        };
    }

    private static string Make(string at, int megabytes) => $"head -c {megabytes}M /dev/urandom > {at}/file";

    private static string Change(string at, int megabytes) =>
        $"dd if=/dev/urandom of={at}/file bs=4096 count=1 conv=notrunc seek=$(( (RANDOM * 32768 + RANDOM) % ({megabytes} * 256) )) status=none";
}
