using Agb.Engine;

namespace Agb.Benchmarks;

/// <summary>Measures the embedded engine beside programs that do comparable work, in one run, and prints the ratios.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] arguments)
    {
        var quick = arguments.Contains("--quick");
        var only = arguments.FirstOrDefault(a => !a.StartsWith('-'));
        var home = Directory.CreateTempSubdirectory("agb-bench-").FullName;
        try
        {
            var checks = await AgbHost.CheckAsync(home, CancellationToken.None).ConfigureAwait(false);
            foreach (var missing in checks.Where(c => c.Status == AgbHostCheckStatus.Missing))
            {
                Console.Error.WriteLine($"{missing.Name}: {missing.Detail} {missing.Remedy}");
                return 1;
            }
            using var service = EmbeddedService.Open(new EmbeddedOptions { HomeDirectory = Path.Combine(home, "agb") });
            var stand = new TestStand(service, home, quick);
            Benchmark[] all =
            [
                new CommandBenchmark(), new CreateBenchmark(), new AttachBenchmark(), new SyncBenchmark(), new ReleaseBenchmark(),
            ];
            Console.WriteLine(Row.Header);
            foreach (var benchmark in all.Where(b => only is null || b.Name.Contains(only, StringComparison.OrdinalIgnoreCase)))
            {
                await foreach (var row in benchmark.RunAsync(stand).ConfigureAwait(false))
                {
                    Console.WriteLine(row);
                }
            }
            return 0;
        }
        finally
        {
            using (var service = EmbeddedService.Open(new EmbeddedOptions { HomeDirectory = Path.Combine(home, "agb") }))
            {
                await foreach (var session in service.ListSessionsAsync().ConfigureAwait(false))
                {
                    await service.RemoveSessionAsync(session.SessionId, discardChanges: true).ConfigureAwait(false);
                }
            }
            Directory.Delete(home, recursive: true);
        }
    }
}
