using System.Globalization;

namespace Agb.Benchmarks.Report;

/// <summary>Writes rows as a Markdown table.</summary>
internal static class MarkdownTable
{
    internal const string Header =
        "| work | beside | n | ours p50, p95, p99 | theirs p50, p95, p99 | ours / theirs | to reach | |\n|---|---|---|---|---|---|---|---|";

    /// <summary>The whole table.</summary>
    internal static string Write(IEnumerable<ReportRow> rows) => string.Join('\n', [Header, .. rows.Select(Line)]);

    /// <summary>One row.</summary>
    internal static string Line(ReportRow row)
    {
        var target = row.Target is { } t ? Number(t) : "-";
        if (row.Missing is { } missing)
        {
            return $"| {Cell(row.Work)} | {Cell(row.Peer)} | - | - | - | - | {target} | not measured: {Cell(missing)} |";
        }
        var verdict = row.Reached switch { true => "reached", false => "**missed**", null => "" };
        var ratio = Number(row.Ratio!.Value) + (row.Percentile == 50 ? "" : string.Create(CultureInfo.InvariantCulture, $" (p{row.Percentile})"));
        return $"| {Cell(row.Work)} | {Cell(row.Peer)} | {row.Ours!.N} | {Side(row.Ours, row.Unit)} | {Side(row.Theirs!, row.Unit)} | {ratio} | {target} | {verdict} |";
    }

    private static string Side(Figures figures, string unit) =>
        $"{Number(figures.P50)}, {Number(figures.P95)}, {Number(figures.P99)} {unit}";

    /// <summary>Three digits, or all those before the point.</summary>
    internal static string Number(double value)
    {
        var digits = value == 0 ? 0 : Math.Clamp(2 - (int)Math.Floor(Math.Log10(Math.Abs(value))), 0, 6);
        return value.ToString("F" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
    }

    // A pipe would begin another cell, a line break another row.
    private static string Cell(string text) => text.ReplaceLineEndings(" ").Replace("|", "\\|", StringComparison.Ordinal);
}
