using System.Diagnostics;
using Agb.Benchmarks.Measure;
using Agb.Benchmarks.Peers.Server;

namespace Agb.Benchmarks.Work;

/// <summary>Shell calls of many clients over HTTP, beside the same calls to the engine in this process.</summary>
internal sealed class ServerWork : Benchmark
{
    private const double Target = 2;

    /// <inheritdoc/>
    internal override string Name => "server";

    /// <inheritdoc/>
    internal override async IAsyncEnumerable<Row> RunAsync(TestStand stand)
    {
        var server = await LocalServer.StartAsync(stand.NewDirectory("server")).ConfigureAwait(false);
        await using (server.ConfigureAwait(false))
        {
            using var service = server.Connect();
            foreach (var clients in stand.Quick ? [2] : new[] { 1, 8, 32 })
            {
                foreach (var row in await CompareAsync(stand, service, clients).ConfigureAwait(false))
                {
                    yield return row;
                }
            }
        }
    }

    private async Task<IReadOnlyList<Row>> CompareAsync(TestStand stand, IAgbService service, int clients)
    {
        // As many calls of few clients as of many: the high percentiles need them.
        var (calls, rounds) = stand.Quick ? (2, 1) : (Math.Max(10, 80 / clients), 7);
        var (remote, local) = (new Callers(service, clients, calls), new Callers(stand.Service, clients, calls));
        await remote.PrepareAsync().ConfigureAwait(false);
        await local.PrepareAsync().ConfigureAwait(false);
        for (var round = -stand.WarmUps; round < rounds; round++)
        {
            stand.Stopping.ThrowIfCancellationRequested();
            await remote.RunAsync(isCounted: round >= 0).ConfigureAwait(false);
            await local.RunAsync(isCounted: round >= 0).ConfigureAwait(false);
        }
        await remote.RemoveAsync().ConfigureAwait(false);
        await local.RemoveAsync().ConfigureAwait(false);
        var throughput = new Row
        {
            Name = $"{Name}/throughput-{clients}",
            Work = $"the server: a shell call, {clients} at once, time of all / calls",
            Peer = "the engine in process",
            Target = clients == 32 ? Target : null,
            Ours = new Samples(remote.PerCall),
            Theirs = new Samples(local.PerCall),
        };
        var latency = throughput with
        {
            Name = $"{Name}/latency-{clients}",
            Work = $"the server: a shell call, {clients} at once, until its answer",
            Percentile = 99,
            Ours = new Samples(remote.Latencies),
            Theirs = new Samples(local.Latencies),
        };
        return [throughput, latency];
    }

    /// <summary>Clients with a session each, which call all at once.</summary>
    private sealed class Callers(IAgbService service, int clients, int calls)
    {
        private readonly List<string> _sessions = [];

        /// <summary>For each round the time of all calls, divided by their number, in ms.</summary>
        internal List<double> PerCall { get; } = [];

        /// <summary>The time of each call, in ms.</summary>
        internal List<double> Latencies { get; } = [];

        internal async Task PrepareAsync()
        {
            for (var i = 0; i < clients; i++)
            {
                _sessions.Add((await service.CreateSessionAsync(new AgbSessionRequest()).ConfigureAwait(false)).SessionId);
            }
        }

        internal async Task RunAsync(bool isCounted)
        {
            var began = Stopwatch.GetTimestamp();
            var latencies = await Task.WhenAll(_sessions.Select(s => Task.Run(() => CallAsync(s)))).ConfigureAwait(false);
            if (isCounted)
            {
                PerCall.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds / (clients * calls));
                Latencies.AddRange(latencies.SelectMany(l => l));
            }
        }

        internal async Task RemoveAsync()
        {
            foreach (var session in _sessions)
            {
                await service.RemoveSessionAsync(new SessionId(session), AgbReleaseMode.Discard).ConfigureAwait(false);
            }
        }

        private async Task<List<double>> CallAsync(string session)
        {
            var latencies = new List<double>(calls);
            for (var i = 0; i < calls; i++)
            {
                var began = Stopwatch.GetTimestamp();
                var result = await service.RunCommandAsync(new SessionId(session), new AgbCommandRequest { Command = "true" }).ConfigureAwait(false);
                latencies.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
                if (!result.Success)
                {
                    throw new InvalidOperationException($"A call ended with {result.ExitCode}: {result.Output}");
                }
            }
            return latencies;
        }
    }
}
