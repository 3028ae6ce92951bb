using Agb.Benchmarks.Measure;

namespace Agb.Benchmarks.Work;

/// <summary>The memory of many sessions at once, idle and then suspended.</summary>
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
        yield return Memory(stand, "memory", "idle", sessions);
        var sleep = (ISessionSleepService)stand.Service;
        await Parallel.ForEachAsync(
            sessions, new ParallelOptions { MaxDegreeOfParallelism = together, CancellationToken = stand.Stopping },
            async (s, stopping) => await sleep.SuspendSessionAsync(s, stopping).ConfigureAwait(false)).ConfigureAwait(false);
        yield return Memory(stand, "suspended", "suspended", sessions);
        await Parallel.ForEachAsync(sessions, async (s, _) => await stand.RemoveAsync(s, discard: true).ConfigureAwait(false)).ConfigureAwait(false);
    }

    private Row Memory(TestStand stand, string name, string kind, IReadOnlyList<AgbSession> sessions) => new()
    {
        Name = $"{Name}/{name}",
        Work = $"memory of each of {sessions.Count:N0} {kind} sessions (proportional set size of its processes)",
        Peer = "0.6 MiB",
        Unit = "MiB",
        Percentile = 95,
        Target = 1,
        Ours = new Samples(ManyWork.Memory(stand, sessions)),
        Theirs = new Samples([MostMiB]),
    };
}
