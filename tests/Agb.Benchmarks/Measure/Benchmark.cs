namespace Agb.Benchmarks.Measure;

/// <summary>A kind of work that is measured.</summary>
internal abstract class Benchmark
{
    /// <summary>What <c>--only</c> selects it by, and the first part of its rows' names.</summary>
    internal abstract string Name { get; }

    /// <summary>Measures.</summary>
    internal abstract IAsyncEnumerable<Row> RunAsync(TestStand stand);
}
