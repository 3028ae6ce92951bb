namespace Agb.Benchmarks.Measure;

/// <summary>What one side of a comparison took, run by run, in the unit of its row.</summary>
internal sealed class Samples
{
    private readonly double[] _sorted;

    internal Samples(IEnumerable<double> values)
    {
        _sorted = [.. values.Order()];
        ArgumentOutOfRangeException.ThrowIfZero(_sorted.Length, nameof(values));
    }

    internal int Count => _sorted.Length;

    internal double P50 => At(50);

    internal double P95 => At(95);

    internal double P99 => At(99);

    /// <summary>A percentile by nearest rank: always a value that was measured. With few runs the high ones are the worst
    /// run.</summary>
    internal double At(int percent) => _sorted[Math.Max(0, (int)Math.Ceiling(percent / 100.0 * _sorted.Length) - 1)];
}
