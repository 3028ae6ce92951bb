using System.Globalization;
using Agb.Benchmarks.Measure;

namespace Agb.Benchmarks.Work;

/// <summary>Forks of a running session: their cost beside new sessions and a copy of the files, and the stop of the session.</summary>
internal sealed class ForkWork : Benchmark
{
    private const int Forks = 8;

    // The longest time between two looks at the clock.
    private const string Watch =
        "bash -c 'm=0 t=${EPOCHREALTIME/./}; while [ ! -e /dev/shm/stop ]; do n=${EPOCHREALTIME/./}; d=$((n-t)); t=$n; [ $d -le $m ] || m=$d; done; echo $m >/dev/shm/gap' >/dev/null 2>&1 </dev/null & sleep 0.1";

    /// <inheritdoc/>
    internal override string Name => "fork";

    private static Task<IReadOnlyList<AgbSession>> ForkAsync(TestStand stand, AgbSession session, int count = 1) =>
        ((ISessionForkService)stand.Service).ForkSessionAsync(session, count, stand.Stopping);

    /// <inheritdoc/>
    internal override async IAsyncEnumerable<Row> RunAsync(TestStand stand)
    {
        var session = await stand.SessionAsync().ConfigureAwait(false);
        await stand.CommandAsync(session, "echo 1 >~/state; mkdir ~/work; echo 2 >~/work/file").ConfigureAwait(false);
        foreach (var row in await Further(stand, session).RunAsync(stand.LongRuns, stand.WarmUps, stand.Stopping).ConfigureAwait(false))
        {
            yield return row;
        }
        var files = stand.Quick ? 500 : 20_000;
        await stand.CommandAsync(session, "mkdir /home/changed; " + Files.Make("/home/changed", files)).ConfigureAwait(false);
        foreach (var row in await Changes(stand, session, files).RunAsync(stand.LongRuns, stand.WarmUps, stand.Stopping).ConfigureAwait(false))
        {
            yield return row;
        }
        yield return await StopAsync(stand, session, files).ConfigureAwait(false);
        await stand.RemoveAsync(session, discard: true).ConfigureAwait(false);
    }

    private static Comparison Further(TestStand stand, AgbSession origin)
    {
        IReadOnlyList<AgbSession> made = [];
        var after = () => Task.WhenAll(made.Select(s => stand.RemoveAsync(s, discard: true)));
        var ours = new Side("agb", $"Copy-AgbSession -Count {Forks}", async () => made = await ForkAsync(stand, origin, Forks).ConfigureAwait(false)) { After = after };
        var creates = new Side(
            "new", $"{Forks} times New-AgbSession, at once",
            async () => made = await Task.WhenAll(Enumerable.Range(0, Forks).Select(_ => stand.SessionAsync())).ConfigureAwait(false))
        {
            Target = 1.2,
            After = after,
        };
        return new Comparison("fork/further", $"{Forks} forks", ours, creates);
    }

    private static Comparison Changes(TestStand stand, AgbSession origin, int files)
    {
        AgbSession? fork = null;
        var source = stand.NewDirectory("fork-source");
        var target = source + "-copy";
        var ours = new Side("agb", "Copy-AgbSession", async () => fork = (await ForkAsync(stand, origin).ConfigureAwait(false))[0])
        {
            After = () => stand.RemoveAsync(fork!, discard: true),
        };
        var copy = new Side("cp", "cp -r", () => stand.Programs.RunAsync("cp", "-r", source, target))
        {
            Target = 1.0,
            Before = async () =>
            {
                if (!Directory.EnumerateFileSystemEntries(source).Any())
                {
                    await stand.Programs.ShellAsync(Files.Make(source, files)).ConfigureAwait(false);
                }
            },
            After = () => stand.Programs.RunAsync("rm", "-rf", target),
        };
        return new Comparison("fork/changes", $"a fork with {files} changed files", ours, copy);
    }

    /// <summary>The longest gap in the work of a program of the session while a fork is made.</summary>
    private static async Task<Row> StopAsync(TestStand stand, AgbSession origin, int files)
    {
        var gaps = new List<double>();
        for (var run = 0; run < stand.LongRuns; run++)
        {
            await stand.CommandAsync(origin, Watch).ConfigureAwait(false);
            await stand.RemoveAsync((await ForkAsync(stand, origin).ConfigureAwait(false))[0], discard: true).ConfigureAwait(false);
            await stand.CommandAsync(origin, "touch /dev/shm/stop; until [ -s /dev/shm/gap ]; do sleep 0.02; done").ConfigureAwait(false);
            var read = await stand.Service.RunCommandAsync(origin, new AgbCommandRequest { Command = "cat /dev/shm/gap; rm /dev/shm/gap /dev/shm/stop" }).ConfigureAwait(false);
            gaps.Add(double.Parse(read.Stdout, CultureInfo.InvariantCulture) / 1000);
        }
        return new Row
        {
            Name = "fork/stop",
            Work = $"the longest gap in a program's work during a fork with {files} changed files",
            Peer = "20 ms",
            Target = 1,
            Ours = new Samples(gaps),
            Theirs = new Samples([20.0]),
        };
    }
}
