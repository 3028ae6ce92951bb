using System.Globalization;

namespace Agb.Soak.Server;

/// <summary>What became of calls, by kind.</summary>
internal sealed class Tally
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, List<double>> _done = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, List<double>> _refused = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, int> _unexpected = new(StringComparer.Ordinal);

    internal int Done => Count(_done);

    internal int Refused => Count(_refused);

    internal int Unexpected
    {
        get
        {
            lock (_gate)
            {
                return _unexpected.Values.Sum();
            }
        }
    }

    /// <summary>A call did what it was meant to.</summary>
    internal void Succeed(string kind, TimeSpan took) => Add(_done, kind, took);

    /// <summary>A call was refused as it had to be.</summary>
    internal void Refuse(string kind, string errorId, TimeSpan took) => Add(_refused, $"{kind}: {errorId}", took);

    /// <summary>A call ended as none may.</summary>
    internal void Fail(string kind, string how)
    {
        lock (_gate)
        {
            var key = $"{kind}: {how}";
            _unexpected[key] = _unexpected.GetValueOrDefault(key) + 1;
        }
    }

    internal async Task PrintAsync(TextWriter output, TimeSpan elapsed)
    {
        await output.WriteLineAsync(Invariant($"{Done} calls done, {Done / elapsed.TotalSeconds:0.0} a second; {Refused} refused as expected; {Unexpected} unexpected errors"));
        await output.WriteLineAsync($"{"kind",-44} {"count",7} {"p50 ms",9} {"p99 ms",9}");
        foreach (var (kind, times) in _done.Concat(_refused))
        {
            times.Sort();
            await output.WriteLineAsync(Invariant($"{kind,-44} {times.Count,7} {At(times, 0.5),9:0.0} {At(times, 0.99),9:0.0}"));
        }
        foreach (var (what, count) in _unexpected)
        {
            await output.WriteLineAsync(Invariant($"UNEXPECTED {count} x {what}"));
        }
    }

    /// <summary>The same as a table of Markdown, with the sum before it.</summary>
    internal string ToTable(TimeSpan elapsed)
    {
        foreach (var times in _done.Values.Concat(_refused.Values))
        {
            times.Sort();
        }
        var rows = _done.Concat(_refused.Select(r => KeyValuePair.Create("refused: " + r.Key, r.Value)))
            .Select(r => Invariant($"| {r.Key} | {r.Value.Count:N0} | {At(r.Value, 0.5):N0} | {At(r.Value, 0.99):N0} |"));
        return Invariant($"{elapsed.TotalSeconds:0} s, {Done:N0} calls done, {Done / elapsed.TotalSeconds:0.0} a second; {Refused:N0} refused as they had to be; {Unexpected} other errors.")
            + "\n\n| call | count | p50 ms | p99 ms |\n|---|---|---|---|\n" + string.Join('\n', rows);
    }

    private static double At(List<double> sorted, double part) => sorted[Math.Min(sorted.Count - 1, (int)(sorted.Count * part))];

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);

    private void Add(SortedDictionary<string, List<double>> to, string key, TimeSpan took)
    {
        lock (_gate)
        {
            if (!to.TryGetValue(key, out var times))
            {
                to[key] = times = [];
            }
            times.Add(took.TotalMilliseconds);
        }
    }

    private int Count(SortedDictionary<string, List<double>> of)
    {
        lock (_gate)
        {
            return of.Values.Sum(t => t.Count);
        }
    }
}
