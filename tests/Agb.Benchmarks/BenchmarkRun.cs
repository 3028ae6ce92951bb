using Agb.Benchmarks.Measure;
using Agb.Benchmarks.Peers;
using Agb.Benchmarks.Work;

namespace Agb.Benchmarks;

/// <summary>Runs benchmarks on a store of its own and leaves nothing behind.</summary>
internal static class BenchmarkRun
{
    /// <summary>All benchmarks, in the order of the table.</summary>
    internal static readonly IReadOnlyList<Benchmark> All =
    [
        new CreateWork(), new CommandWork(), new SleepWork(), new AttachWork(), new SyncWork(), new ManyFilesWork(), new LargeFileWork(),
        new LargeChangeWork(), new ArchiveWork(), new WorkflowWork(), new ManyWork(), new IdleWork(), new ServerWork(), new ServerMemoryWork(),
        new ServerFileWork(), new HistoryWork(), new VerifyWork(), new ModuleWork(), new CopyWork(), new ForkWork(), new BrowserWork(), new DesktopWork(), new MountWork(),
    ];

    /// <summary>Runs.</summary>
    /// <param name="options">What to run.</param>
    /// <param name="searchPath">Where the peers are, as PATH says it.</param>
    /// <param name="report">Told of each row as it is measured.</param>
    /// <param name="stopping">Ends the run between two measurements; everything is removed then as ever.</param>
    /// <exception cref="AgbException">HostNotReady.</exception>
    internal static async Task<BenchmarkResult> RunAsync(
        BenchmarkOptions options, string searchPath, Action<Row> report, CancellationToken stopping)
    {
        var directory = Path.Combine(options.WorkDirectory, "agb-" + Path.GetRandomFileName());
        var programs = new PeerPrograms(searchPath, Directory.CreateDirectory(Path.Combine(directory, "home")).FullName);
        try
        {
            using var service = EmbeddedService.Open(new EmbeddedOptions { HomeDirectory = Path.Combine(directory, "agb") });
            var stand = new TestStand(service, directory, programs, options.Quick, stopping);
            await using (stand.ConfigureAwait(false))
            {
                try
                {
                    var rows = new List<Row>();
                    foreach (var benchmark in Selected(options))
                    {
                        await MeasureAsync(benchmark, stand, rows, report).ConfigureAwait(false);
                    }
                    return new BenchmarkResult(rows, Machine.Describe(options.WorkDirectory), stand.Notes);
                }
                finally
                {
                    await RemoveSessionsAsync(service).ConfigureAwait(false);
                }
            }
        }
        finally
        {
            TreeRemover.Remove(directory);
        }
    }

    /// <summary>The benchmarks that options mean.</summary>
    internal static IEnumerable<Benchmark> Selected(BenchmarkOptions options) => All.Where(
        b => options.Only.Count == 0 || options.Only.Contains(b.Name, StringComparer.OrdinalIgnoreCase)
            || options.Only.Any(o => All.All(a => a.Name != o) && b.Name.Contains(o, StringComparison.OrdinalIgnoreCase)));

    /// <summary>A benchmark that fails has a row that says so, and the others go on.</summary>
    private static async Task MeasureAsync(Benchmark benchmark, TestStand stand, List<Row> rows, Action<Row> report)
    {
        try
        {
            await foreach (var row in benchmark.RunAsync(stand).ConfigureAwait(false))
            {
                rows.Add(row);
                report(row);
            }
        }
        catch (Exception e) when (e is AgbException or InvalidOperationException or PeerException or IOException)
        {
            var row = new Row { Name = benchmark.Name + "/failed", Work = benchmark.Name, Peer = "-", Missing = $"failed: {e.Message}" };
            rows.Add(row);
            report(row);
        }
    }

    private static async Task RemoveSessionsAsync(IAgbService service)
    {
        await foreach (var session in service.ListSessionsAsync().ConfigureAwait(false))
        {
            await service.RemoveSessionAsync(session, AgbReleaseMode.Discard).ConfigureAwait(false);
        }
    }
}

/// <summary>What a run measured.</summary>
/// <param name="Rows">The rows.</param>
/// <param name="Machine">Where.</param>
/// <param name="Notes">What a reader should know of the peers.</param>
internal sealed record BenchmarkResult(IReadOnlyList<Row> Rows, string Machine, IReadOnlyList<string> Notes);
