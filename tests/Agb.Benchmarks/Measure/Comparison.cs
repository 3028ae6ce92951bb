using System.Diagnostics;

namespace Agb.Benchmarks.Measure;

/// <summary>Runs ours and its peers in turn, so that what else the machine does meets all alike.</summary>
internal sealed class Comparison
{
    private readonly string _benchmark;
    private readonly string _work;
    private readonly Side _ours;
    private readonly List<(Side Side, List<double> Times)> _peers;
    private readonly Dictionary<string, string> _failed = new(StringComparer.Ordinal);

    /// <summary>Creates a comparison.</summary>
    /// <param name="benchmark">The benchmark's name.</param>
    /// <param name="work">What is done.</param>
    /// <param name="ours">Ours; an error of it ends the comparison.</param>
    /// <param name="peers">The others; one that fails is left out of what remains, and its row says why.</param>
    internal Comparison(string benchmark, string work, Side ours, params IEnumerable<Side> peers)
    {
        _benchmark = benchmark;
        _work = work;
        _ours = ours;
        _peers = [.. peers.Select(p => (p, new List<double>()))];
    }

    /// <summary>Measures.</summary>
    /// <param name="runs">How many runs count.</param>
    /// <param name="warmUps">How many runs come first and do not count: they load code and fill caches on both sides.</param>
    /// <param name="stopping">Ends it between two runs.</param>
    /// <returns>A row for each peer.</returns>
    internal async Task<IReadOnlyList<Row>> RunAsync(int runs, int warmUps, CancellationToken stopping)
    {
        var ours = new List<double>();
        for (var i = -warmUps; i < runs; i++)
        {
            stopping.ThrowIfCancellationRequested();
            var time = await TimeAsync(_ours).ConfigureAwait(false);
            if (i >= 0)
            {
                ours.Add(time);
            }
            foreach (var (peer, times) in _peers.Where(p => Reason(p.Side) is null))
            {
                await TimePeerAsync(peer, i >= 0 ? times : null).ConfigureAwait(false);
            }
        }
        return [.. _peers.Select(p => ToRow(p.Side, p.Times, ours))];
    }

    private string? Reason(Side peer) => peer.Missing ?? _failed.GetValueOrDefault(peer.Name);

    private async Task TimePeerAsync(Side peer, List<double>? times)
    {
        try
        {
            var time = await TimeAsync(peer).ConfigureAwait(false);
            times?.Add(time);
        }
        catch (PeerException e)
        {
            _failed[peer.Name] = e.Message;
        }
    }

    private static async Task<double> TimeAsync(Side side)
    {
        if (side.Before is { } before)
        {
            await before().ConfigureAwait(false);
        }
        var began = Stopwatch.GetTimestamp();
        await side.Work().ConfigureAwait(false);
        var time = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        if (side.After is { } after)
        {
            await after().ConfigureAwait(false);
        }
        return time;
    }

    private Row ToRow(Side peer, List<double> times, List<double> ours)
    {
        var row = new Row { Name = $"{_benchmark}/{peer.Name}", Work = _work, Peer = peer.Description, Target = peer.Target };
        return Reason(peer) is { } reason
            ? row with { Missing = reason }
            : row with { Ours = new Samples(ours), Theirs = new Samples(times) };
    }
}

/// <summary>A peer's program did not do what it should.</summary>
internal sealed class PeerException(string message) : Exception(message);
