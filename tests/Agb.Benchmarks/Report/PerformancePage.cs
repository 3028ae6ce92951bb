using System.Globalization;

namespace Agb.Benchmarks.Report;

/// <summary>Keeps the figures of performance.md: the part between two marks is written anew, the rest is prose.</summary>
internal static class PerformancePage
{
    internal const string Begin = "<!-- figures: begin -->";
    internal const string End = "<!-- figures: end -->";

    private const string PageName = "performance.md", DataName = "performance.json", ChartName = "performance.svg";

    /// <summary>Takes over the rows of a run. Rows that it did not measure stay as they are.</summary>
    /// <param name="directory">Where the page is.</param>
    /// <param name="result">The run.</param>
    /// <exception cref="ArgumentException">The page or its marks are not there.</exception>
    internal static void Update(string directory, BenchmarkResult result)
    {
        var page = Path.Combine(directory, PageName);
        var text = File.Exists(page) ? File.ReadAllText(page) : throw new ArgumentException($"'{page}' is not there.");
        var (begin, end) = (text.IndexOf(Begin, StringComparison.Ordinal), text.IndexOf(End, StringComparison.Ordinal));
        if (begin < 0 || end < begin)
        {
            throw new ArgumentException($"'{page}' has no line '{Begin}' followed by '{End}'.");
        }
        var data = Path.Combine(directory, DataName);
        var report = Merge(ReportFile.TryRead(data), ReportFile.From(result));
        report.Write(data);
        File.WriteAllText(Path.Combine(directory, ChartName), RatioChart.Draw(report.Rows));
        File.WriteAllText(page, $"{text[..begin]}{Begin}\n{Section(report)}\n{text[end..]}");
    }

    /// <summary>The newer rows in place of older ones of the same name, in the order of the benchmarks.</summary>
    internal static ReportFile Merge(ReportFile? older, ReportFile newer)
    {
        var order = BenchmarkRun.All.Select((b, i) => (b.Name, i)).ToArray();
        // The longest name that a row's begins with: "sync" must not take "sync-nothing/rsync" from a benchmark of that name.
        int Rank(ReportRow row) => order.Where(o => row.Name.StartsWith(o.Name, StringComparison.Ordinal))
            .OrderByDescending(o => o.Name.Length).Select(o => o.i).FirstOrDefault(int.MaxValue);
        var known = newer.Rows.Select(r => r.Name).ToHashSet(StringComparer.Ordinal);
        var kept = older?.Rows.Where(r => !known.Contains(r.Name)) ?? [];
        return newer with
        {
            Rows = [.. newer.Rows.Concat(kept).OrderBy(Rank)],
            Notes = newer.Notes.Count > 0 ? newer.Notes : older?.Notes ?? [],
        };
    }

    private static string Section(ReportFile report)
    {
        var days = report.Rows.Select(r => r.MeasuredAt.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)).Distinct().Order().ToArray();
        string[] lines =
        [
            "",
            $"![Ours / theirs, by work]({ChartName})",
            "",
            $"{report.Machine}. Measured {string.Join(", ", days)}.",
            .. report.Notes,
            "",
            MarkdownTable.Write(report.Rows),
            "",
        ];
        return string.Join('\n', lines);
    }
}
