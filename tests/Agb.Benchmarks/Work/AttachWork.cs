using Agb.Benchmarks.Measure;
using Agb.Benchmarks.Peers;

namespace Agb.Benchmarks.Work;

/// <summary>A session with a context, until a file of it is read. The others bring its files to an empty directory.</summary>
internal sealed class AttachWork : Benchmark
{
    private const int Bytes = 6144;

    /// <inheritdoc/>
    internal override string Name => "attach";

    /// <inheritdoc/>
    internal override async IAsyncEnumerable<Row> RunAsync(TestStand stand)
    {
        var files = stand.Quick ? 200 : 20_000;
        var copiers = new Copiers(stand.Programs, stand.NewDirectory("attach"));
        var source = stand.NewDirectory("attach-source");
        await stand.Programs.ShellAsync(Files.Make(source, files, Bytes)).ConfigureAwait(false);
        await copiers.ResticInitAsync(source).ConfigureAwait(false);
        var context = await stand.ContextWithFilesAsync("attach", files, Bytes).ConfigureAwait(false);
        await stand.SettleAsync().ConfigureAwait(false);

        // What they make is kept until the end: a removal slows down who next makes files on ext4.
        Side Copy(string name, string description, double? target, Func<string, Task> work)
        {
            var run = 0;
            return copiers.Make(name, description + "; sync -f", target, () =>
            {
                var to = copiers.Target($"{name}-{++run}");
                return copiers.Durable(() => work(to), to)();
            });
        }

        var work = $"attach a context of {files:N0} files, {(long)files * Bytes / 1_000_000:N0} MB";
        var comparison = new Comparison(
            Name, work, Attach(stand, context.Id),
            Copy("rsync", "rsync -a", 1 / 50.0, to => copiers.RsyncAsync(source, to)),
            Copy("restic", "restic restore", null, copiers.ResticRestoreAsync),
            Copy("rclone", "rclone copy", null, to => copiers.RcloneAsync("copy", source, to)));
        foreach (var row in await comparison.RunAsync(stand.LongRuns, stand.WarmUps, stand.Stopping).ConfigureAwait(false))
        {
            yield return row;
        }
        foreach (var row in await RunFlatAsync(stand).ConfigureAwait(false))
        {
            yield return row;
        }
    }

    /// <summary>The cost must not follow the size.</summary>
    private async Task<IReadOnlyList<Row>> RunFlatAsync(TestStand stand)
    {
        var (few, many) = stand.Quick ? (200, 1_000) : (2_000, 200_000);
        var small = await stand.ContextWithFilesAsync("attach-few", few).ConfigureAwait(false);
        var large = await stand.ContextWithFilesAsync("attach-many", many).ConfigureAwait(false);
        await stand.SettleAsync().ConfigureAwait(false);
        var peer = Attach(stand, small.Id) with { Name = "few", Description = $"a context of {few:N0} files", Target = 1.5 };
        var comparison = new Comparison(Name, $"attach a context of {many:N0} files", Attach(stand, large.Id), peer);
        return await comparison.RunAsync(stand.ShortRuns, stand.WarmUps, stand.Stopping).ConfigureAwait(false);
    }

    private static Side Attach(TestStand stand, string contextId)
    {
        AgbSession? session = null;
        return new Side("agb", "New-AgbSession -Path, Invoke-AgbCommand", async () =>
        {
            session = await stand.SessionAsync(contextId).ConfigureAwait(false);
            await stand.CommandAsync(session, "cat /data/d1/f00 > /dev/null").ConfigureAwait(false);
        })
        {
            After = () => stand.RemoveAsync(session!, discard: true),
        };
    }
}
