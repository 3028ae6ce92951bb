using Agb.Benchmarks.Measure;

namespace Agb.Benchmarks.Work;

/// <summary>The memory of many idle sessions at once.</summary>
internal sealed class IdleWork : Benchmark
{
    private const double MostMiB = 0.6;

    /// <inheritdoc/>
    internal override string Name => "idle";

    /// <inheritdoc/>
    internal override async IAsyncEnumerable<Row> RunAsync(TestStand stand)
    {
        var (count, together) = stand.Quick ? (4, 2) : (1_000, 16);
        var sessions = new List<AgbSession>();
        await ManyWork.ParallelAsync(count, together, stand.Stopping, async () =>
        {
            var session = await stand.SessionAsync().ConfigureAwait(false);
            lock (sessions)
            {
                sessions.Add(session);
            }
            await stand.CommandAsync(session, "true").ConfigureAwait(false);
        }).ConfigureAwait(false);
        yield return new Row
        {
            Name = Name + "/memory",
            Work = $"memory of each of {count:N0} idle sessions (proportional set size of its processes)",
            Peer = "0.6 MiB",
            Unit = "MiB",
            Percentile = 95,
            Target = 1,
            Ours = new Samples(ManyWork.Memory(stand, sessions)),
            Theirs = new Samples([MostMiB]),
        };
        await Parallel.ForEachAsync(sessions, async (s, _) => await stand.RemoveAsync(s, discard: true).ConfigureAwait(false)).ConfigureAwait(false);
    }
}
