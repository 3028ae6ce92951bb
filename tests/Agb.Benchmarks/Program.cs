using System.Runtime.InteropServices;
using Agb.Benchmarks.Report;

namespace Agb.Benchmarks;

/// <summary>Measures beside programs that do comparable work, in one run, and reports the ratios.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] arguments)
    {
        try
        {
            var options = BenchmarkOptions.Parse(arguments);
            if (options.List)
            {
                foreach (var benchmark in BenchmarkRun.Selected(options))
                {
                    Console.WriteLine(benchmark.Name);
                }
                return 0;
            }
            Console.WriteLine(MarkdownTable.Header);
            var path = Environment.GetEnvironmentVariable("PATH") is { Length: > 0 } given ? given : "/usr/bin:/bin";
            using var stopping = new CancellationTokenSource();
            using var interrupt = StopOn(PosixSignal.SIGINT, stopping);
            using var terminate = StopOn(PosixSignal.SIGTERM, stopping);
            var result = await BenchmarkRun.RunAsync(
                options, path, row => Console.WriteLine(MarkdownTable.Line(ReportRow.From(row))), stopping.Token).ConfigureAwait(false);
            ResultFiles.Write(options.OutputDirectory, result);
            if (options.DocsDirectory is { } docs)
            {
                PerformancePage.Update(docs, result);
            }
            return Complain(result);
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("Stopped; what was made for the run is removed.");
            return 130;
        }
        catch (Exception e) when (e is ArgumentException or AgbException)
        {
            Console.Error.WriteLine(e.Message);
            return 2;
        }
    }

    private static PosixSignalRegistration StopOn(PosixSignal signal, CancellationTokenSource stopping) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            stopping.Cancel();
        });

    /// <summary>Says on stderr what was not measured.</summary>
    /// <returns>1 when one of ours failed. A peer that is not there is no failure.</returns>
    private static int Complain(BenchmarkResult result)
    {
        foreach (var row in result.Rows.Where(r => r.Missing is not null))
        {
            Console.Error.WriteLine($"{row.Name}: not measured: {row.Missing}");
        }
        return result.Rows.Any(r => r.HasFailed) ? 1 : 0;
    }
}
