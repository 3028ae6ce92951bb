namespace Agb.Benchmarks;

/// <summary>A command in a running session.</summary>
internal sealed class CommandBenchmark : Benchmark
{
    internal override string Name => "command";

    internal override async IAsyncEnumerable<Row> RunAsync(TestStand stand)
    {
        var session = await stand.SessionAsync().ConfigureAwait(false);
        List<double> ours = [], theirs = [];
        await stand.CommandAsync(session, "true").ConfigureAwait(false);
        for (var i = 0; i < stand.ShortRuns; i++)
        {
            ours.Add(await TestStand.TimeAsync(() => stand.CommandAsync(session, "true")).ConfigureAwait(false));
            theirs.Add(await TestStand.TimeAsync(() => TestStand.RunAsync("/bin/bash", "-c", "true")).ConfigureAwait(false));
        }
        yield return new Row("command in a running session", "bash -c true", stand.ShortRuns, TestStand.Median(ours), TestStand.Median(theirs), 0);
        await stand.RemoveAsync(session).ConfigureAwait(false);
    }
}

/// <summary>A new session and its first command.</summary>
internal sealed class CreateBenchmark : Benchmark
{
    internal override string Name => "create";

    internal override async IAsyncEnumerable<Row> RunAsync(TestStand stand)
    {
        List<double> ours = [], theirs = [];
        for (var i = 0; i < stand.ShortRuns; i++)
        {
            AgbSession? session = null;
            ours.Add(await TestStand.TimeAsync(async () =>
            {
                session = await stand.SessionAsync().ConfigureAwait(false);
                await stand.CommandAsync(session, "true").ConfigureAwait(false);
            }).ConfigureAwait(false));
            await stand.RemoveAsync(session!, discard: true).ConfigureAwait(false);
            theirs.Add(await TestStand.TimeAsync(() => TestStand.RunAsync(
                "bwrap", "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--unshare-all", "true")).ConfigureAwait(false));
        }
        yield return new Row("session create to first result", "bwrap ... true", stand.ShortRuns, TestStand.Median(ours), TestStand.Median(theirs), 0);
    }
}

/// <summary>Attaching a context: the cost must not follow its size.</summary>
internal sealed class AttachBenchmark : Benchmark
{
    internal override string Name => "attach";

    internal override async IAsyncEnumerable<Row> RunAsync(TestStand stand)
    {
        var (fewFiles, manyFiles) = stand.Quick ? (200, 2_000) : (2_000, 200_000);
        var few = await stand.ContextWithFilesAsync("attach-few", fewFiles).ConfigureAwait(false);
        var many = await stand.ContextWithFilesAsync("attach-many", manyFiles).ConfigureAwait(false);
        List<double> small = [], large = [];
        for (var i = 0; i < stand.ShortRuns; i++)
        {
            large.Add(await AttachAsync(stand, many.Id).ConfigureAwait(false));
            small.Add(await AttachAsync(stand, few.Id).ConfigureAwait(false));
        }
        yield return new Row(
            $"attach a context of {manyFiles:N0} files", $"the same of {fewFiles:N0} files", stand.ShortRuns,
            TestStand.Median(large), TestStand.Median(small), 2);
    }

    private static async Task<double> AttachAsync(TestStand stand, string contextId)
    {
        AgbSession? session = null;
        var time = await TestStand.TimeAsync(async () =>
        {
            session = await stand.SessionAsync(contextId).ConfigureAwait(false);
            await stand.CommandAsync(session, "cat /data/d1/f00 > /dev/null").ConfigureAwait(false);
        }).ConfigureAwait(false);
        await stand.RemoveAsync(session!, discard: true).ConfigureAwait(false);
        return time;
    }
}
