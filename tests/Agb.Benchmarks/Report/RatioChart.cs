using System.Globalization;
using System.Net;
using System.Text;

namespace Agb.Benchmarks.Report;

/// <summary>Draws ratios as bars on a logarithmic axis, each with a mark where its target is. Readable on light and on dark
/// pages: the colours follow the reader's scheme.</summary>
internal static class RatioChart
{
    private const int RowHeight = 34, Top = 56, Left = 16, TextWidth = 430, PlotWidth = 420, Width = Left + TextWidth + PlotWidth + 74;

    private const string Style =
        """
        <style>
          text { font: 13px system-ui, sans-serif; fill: #1f2328; }
          .small { font-size: 11px; fill: #59636e; }
          .grid { stroke: #d1d9e0; }
          .one { stroke: #59636e; }
          .reached { fill: #1a7f37; }
          .missed { fill: #bc4c00; }
          .free { fill: #0969da; }
          .target { stroke: #1f2328; stroke-width: 2; }
          @media (prefers-color-scheme: dark) {
            text { fill: #e6edf3; }
            .small { fill: #9198a1; }
            .grid { stroke: #3d444d; }
            .one { stroke: #9198a1; }
            .reached { fill: #3fb950; }
            .missed { fill: #f0883e; }
            .free { fill: #58a6ff; }
            .target { stroke: #e6edf3; }
          }
        </style>
        """;

    /// <summary>Draws the rows that have a ratio.</summary>
    internal static string Draw(IReadOnlyList<ReportRow> all)
    {
        var rows = all.Where(r => r.Ratio > 0).ToArray();
        var values = rows.SelectMany(r => new[] { r.Ratio!.Value, r.Target ?? 1 }).Append(1).ToArray();
        var (low, high) = ((int)Math.Floor(Math.Log10(values.Min())), (int)Math.Ceiling(Math.Log10(values.Max())));
        high = Math.Max(high, low + 1);
        double X(double ratio) => Left + TextWidth + ((Math.Log10(ratio) - low) / (high - low) * PlotWidth);

        var height = Top + (rows.Length * RowHeight) + 12;
        var svg = new StringBuilder();
        svg.AppendLine(Invariant($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {height}\" role=\"img\" aria-label=\"Ours / theirs, by work\">"));
        svg.AppendLine(Style);
        svg.AppendLine(Invariant($"<text x=\"{Left}\" y=\"22\">Ours / theirs: left of 1 ours takes less. The upright mark is the ratio to reach.</text>"));
        for (var power = low; power <= high; power++)
        {
            var x = X(Math.Pow(10, power));
            var label = power < 0 ? "1/" + Math.Pow(10, -power).ToString(CultureInfo.InvariantCulture) : Math.Pow(10, power).ToString(CultureInfo.InvariantCulture);
            svg.AppendLine(Invariant($"<line class=\"{(power == 0 ? "one" : "grid")}\" x1=\"{x:0.#}\" x2=\"{x:0.#}\" y1=\"{Top - 8}\" y2=\"{height - 8}\"/>"));
            svg.AppendLine(Invariant($"<text class=\"small\" x=\"{x:0.#}\" y=\"{Top - 14}\" text-anchor=\"middle\">{label}</text>"));
        }
        for (var i = 0; i < rows.Length; i++)
        {
            AppendRow(svg, rows[i], Top + (i * RowHeight), X);
        }
        return svg.AppendLine("</svg>").ToString();
    }

    private static void AppendRow(StringBuilder svg, ReportRow row, int y, Func<double, double> x)
    {
        var (from, to) = (Math.Min(x(1), x(row.Ratio!.Value)), Math.Max(x(1), x(row.Ratio.Value)));
        var kind = row.Reached switch { true => "reached", false => "missed", null => "free" };
        svg.AppendLine(Invariant($"<text x=\"{Left}\" y=\"{y + 12}\">{WebUtility.HtmlEncode(row.Work)}</text>"));
        svg.AppendLine(Invariant($"<text class=\"small\" x=\"{Left}\" y=\"{y + 25}\">beside {WebUtility.HtmlEncode(row.Peer)}</text>"));
        svg.AppendLine(Invariant($"<rect class=\"{kind}\" x=\"{from:0.#}\" y=\"{y + 4}\" width=\"{Math.Max(1, to - from):0.#}\" height=\"16\" rx=\"2\"/>"));
        if (row.Target is { } target)
        {
            svg.AppendLine(Invariant($"<line class=\"target\" x1=\"{x(target):0.#}\" x2=\"{x(target):0.#}\" y1=\"{y}\" y2=\"{y + 24}\"/>"));
        }
        var end = Left + TextWidth + PlotWidth + 8;
        svg.AppendLine(Invariant($"<text x=\"{end}\" y=\"{y + 17}\">{MarkdownTable.Number(row.Ratio.Value)}</text>"));
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
