namespace Agb.Benchmarks.Report;

/// <summary>Writes what a run measured into a directory.</summary>
internal static class ResultFiles
{
    internal static void Write(string directory, BenchmarkResult result)
    {
        Directory.CreateDirectory(directory);
        var report = ReportFile.From(result);
        report.Write(Path.Combine(directory, "results.json"));
        File.WriteAllText(Path.Combine(directory, "results.md"), MarkdownTable.Write(report.Rows) + "\n");
        File.WriteAllText(Path.Combine(directory, "results.svg"), RatioChart.Draw(report.Rows));
    }
}
