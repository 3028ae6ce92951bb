namespace Agb.Benchmarks;

/// <summary>A durable sync after a few of many files changed.</summary>
internal sealed class SyncBenchmark : Benchmark
{
    internal override string Name => "sync";

    internal override async IAsyncEnumerable<Row> RunAsync(TestStand stand)
    {
        var (files, changed) = stand.Quick ? (2_000, 20) : (20_000, 200);
        var context = await stand.ContextWithFilesAsync("sync", files).ConfigureAwait(false);
        var source = stand.NewDirectory("rsync-source");
        var target = stand.NewDirectory("rsync-target");
        await TestStand.RunAsync("/bin/bash", "-c", TestStand.MakeFiles(source, files)).ConfigureAwait(false);
        await TestStand.RunAsync("rsync", "-a", source + "/", target + "/").ConfigureAwait(false);
        var session = await stand.SessionAsync(context.Id).ConfigureAwait(false);
        List<double> ours = [], theirs = [];
        for (var i = 0; i < stand.LongRuns; i++)
        {
            await stand.CommandAsync(session, Change("/data", files, changed)).ConfigureAwait(false);
            await TestStand.RunAsync("/bin/bash", "-c", Change(source, files, changed)).ConfigureAwait(false);
            // What was changed is on the device before either is measured: the sync itself is the work.
            await TestStand.RunAsync("sync").ConfigureAwait(false);
            ours.Add(await TestStand.TimeAsync(() => stand.SyncAsync(session)).ConfigureAwait(false));
            await TestStand.RunAsync("sync").ConfigureAwait(false);
            theirs.Add(await TestStand.TimeAsync(async () =>
            {
                await TestStand.RunAsync("rsync", "-a", source + "/", target + "/").ConfigureAwait(false);
                await TestStand.RunAsync("sync", "-f", target).ConfigureAwait(false);
            }).ConfigureAwait(false));
        }
        yield return new Row(
            $"sync of {changed} changed files among {files:N0}", "rsync -a; sync -f", stand.LongRuns,
            TestStand.Median(ours), TestStand.Median(theirs), 0.5);
        await stand.RemoveAsync(session, discard: true).ConfigureAwait(false);
    }

    // Every hundredth file gets new content of the same size.
    private static string Change(string at, int files, int changed) =>
        $"cd {at} && for d in $(seq {files / 100}); do for f in $(seq -w 0 {(changed * 100 / files) - 1}); do head -c 4096 /dev/urandom > d$d/f0$f; done; done";
}

/// <summary>Releasing a session that wrote a lot.</summary>
internal sealed class ReleaseBenchmark : Benchmark
{
    internal override string Name => "release";

    internal override async IAsyncEnumerable<Row> RunAsync(TestStand stand)
    {
        var bytes = stand.Quick ? 64L << 20 : 1L << 30;
        var context = await stand.Service.CreateContextAsync("release").ConfigureAwait(false);
        var directory = stand.NewDirectory("cp");
        var source = Path.Combine(directory, "source");
        await TestStand.RunAsync("/bin/bash", "-c", $"head -c {bytes} /dev/urandom > {source} && sync").ConfigureAwait(false);
        List<double> ours = [], theirs = [];
        for (var i = 0; i < stand.LongRuns; i++)
        {
            var session = await stand.SessionAsync(context.Id).ConfigureAwait(false);
            await stand.CommandAsync(session, $"head -c {bytes} /dev/urandom > /data/file").ConfigureAwait(false);
            ours.Add(await TestStand.TimeAsync(() => stand.RemoveAsync(session)).ConfigureAwait(false));
            await TestStand.RunAsync("sync").ConfigureAwait(false);
            theirs.Add(await TestStand.TimeAsync(async () =>
            {
                await TestStand.RunAsync("cp", source, source + ".copy").ConfigureAwait(false);
                await TestStand.RunAsync("sync", "-f", directory).ConfigureAwait(false);
            }).ConfigureAwait(false));
            File.Delete(source + ".copy");
        }
        yield return new Row(
            $"release of a session that wrote {bytes >> 20:N0} MiB", "cp; sync -f", stand.LongRuns,
            TestStand.Median(ours), TestStand.Median(theirs), 0.5);
    }
}
