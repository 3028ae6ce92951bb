using System.Diagnostics;
using Agb.Benchmarks.Measure;
using Agb.Benchmarks.Peers.Server;

namespace Agb.Benchmarks.Work;

/// <summary>What the server holds of the memory while it has many sessions, beside itself without any.</summary>
internal sealed class ServerMemoryWork : Benchmark
{
    /// <inheritdoc/>
    internal override string Name => "server-memory";

    /// <inheritdoc/>
    internal override async IAsyncEnumerable<Row> RunAsync(TestStand stand)
    {
        var (count, rounds) = stand.Quick ? (3, 1) : (100, 3);
        var server = await LocalServer.StartAsync(stand.NewDirectory(Name)).ConfigureAwait(false);
        await using (server.ConfigureAwait(false))
        {
            using var service = server.Connect();
            // The first session loads code that stays.
            await RemoveAsync(service, await CreateAsync(service, 1).ConfigureAwait(false)).ConfigureAwait(false);
            List<double> with = [], without = [];
            for (var round = 0; round < rounds; round++)
            {
                stand.Stopping.ThrowIfCancellationRequested();
                without.Add(server.ResidentMiB);
                var sessions = await CreateAsync(service, count).ConfigureAwait(false);
                with.Add(server.ResidentMiB);
                await RemoveAsync(service, sessions).ConfigureAwait(false);
            }
            yield return new Row
            {
                Name = Name + "/none",
                Work = $"memory of the server with {count} sessions",
                Peer = "with none",
                Unit = "MiB",
                Ours = new Samples(with),
                Theirs = new Samples(without),
            };
            yield return await StatusAsync(stand, service).ConfigureAwait(false);
        }
    }

    /// <summary>The time of an answer must not follow the number of sessions.</summary>
    private async Task<Row> StatusAsync(TestStand stand, IAgbService service)
    {
        var (few, many, calls) = stand.Quick ? (2, 4, 4) : (10, 1_000, 200);
        var sessions = new List<string>(await CreateAsync(service, few).ConfigureAwait(false));
        // The first answers load code.
        await TimeAsync(service, sessions[0], calls).ConfigureAwait(false);
        var before = await TimeAsync(service, sessions[0], calls).ConfigureAwait(false);
        sessions.AddRange(await CreateAsync(service, many - few).ConfigureAwait(false));
        await stand.SettleAsync().ConfigureAwait(false);
        var after = await TimeAsync(service, sessions[0], calls).ConfigureAwait(false);
        await RemoveAsync(service, sessions).ConfigureAwait(false);
        return new Row
        {
            Name = Name + "/status",
            Work = $"a status query to a server with {many:N0} sessions",
            Peer = $"the same with {few}",
            Target = 1.5,
            Ours = new Samples(after),
            Theirs = new Samples(before),
        };
    }

    private static async Task<IReadOnlyList<double>> TimeAsync(IAgbService service, string sessionId, int calls)
    {
        var times = new List<double>();
        for (var i = 0; i < calls; i++)
        {
            var began = Stopwatch.GetTimestamp();
            await service.GetSessionAsync(new SessionId(sessionId)).ConfigureAwait(false);
            await service.GetSyncStatusAsync(new SessionId(sessionId)).ConfigureAwait(false);
            times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }
        return times;
    }

    private static async Task<IReadOnlyList<string>> CreateAsync(IAgbService service, int count)
    {
        var sessions = new List<string>();
        foreach (var some in Enumerable.Range(0, count).Chunk(8))
        {
            var made = await Task.WhenAll(some.Select(_ => service.CreateSessionAsync(new AgbSessionRequest()))).ConfigureAwait(false);
            sessions.AddRange(made.Select(s => s.SessionId));
        }
        return sessions;
    }

    private static async Task RemoveAsync(IAgbService service, IReadOnlyList<string> sessions)
    {
        foreach (var some in sessions.Chunk(8))
        {
            await Task.WhenAll(some.Select(s => service.RemoveSessionAsync(new SessionId(s), AgbReleaseMode.Discard))).ConfigureAwait(false);
        }
    }
}
