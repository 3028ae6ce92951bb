using System.Text.Json;
using System.Text.Json.Serialization;
using Agb.Benchmarks.Measure;

namespace Agb.Benchmarks.Report;

/// <summary>The percentiles of one side.</summary>
internal sealed record Figures(int N, double P50, double P95, double P99)
{
    internal static Figures? From(Samples? samples) =>
        samples is null ? null : new Figures(samples.Count, Round(samples.P50), Round(samples.P95), Round(samples.P99));

    // Four digits say all that such a measurement can.
    internal static double Round(double value) =>
        value == 0 ? 0 : Math.Round(value, Math.Clamp(3 - (int)Math.Floor(Math.Log10(Math.Abs(value))), 0, 15));
}

/// <summary>A row as it is written down.</summary>
internal sealed record ReportRow
{
    public required string Name { get; init; }

    public required string Work { get; init; }

    public required string Peer { get; init; }

    public required string Unit { get; init; }

    public Figures? Ours { get; init; }

    public Figures? Theirs { get; init; }

    /// <summary>The percentile that the ratio is of.</summary>
    public required int Percentile { get; init; }

    public double? Ratio { get; init; }

    public double? Target { get; init; }

    public bool? Reached { get; init; }

    public string? Missing { get; init; }

    public required DateTime MeasuredAt { get; init; }

    internal static ReportRow From(Row row) => new()
    {
        Name = row.Name,
        Work = row.Work,
        Peer = row.Peer,
        Unit = row.Unit,
        Ours = Figures.From(row.Ours),
        Theirs = Figures.From(row.Theirs),
        Percentile = row.Percentile,
        Ratio = row.Ratio is { } ratio ? Figures.Round(ratio) : null,
        Target = row.Target is { } target ? Figures.Round(target) : null,
        Reached = row.IsReached,
        Missing = row.Missing,
        MeasuredAt = row.MeasuredAt,
    };
}

/// <summary>A run as it is written down.</summary>
internal sealed record ReportFile
{
    public required string Machine { get; init; }

    public required IReadOnlyList<string> Notes { get; init; }

    public required IReadOnlyList<ReportRow> Rows { get; init; }

    internal static ReportFile From(BenchmarkResult result) =>
        new() { Machine = result.Machine, Notes = result.Notes, Rows = [.. result.Rows.Select(ReportRow.From)] };

    internal static ReportFile? TryRead(string path) =>
        File.Exists(path) ? JsonSerializer.Deserialize(File.ReadAllBytes(path), ReportJson.Default.ReportFile) : null;

    internal void Write(string path) => File.WriteAllText(path, JsonSerializer.Serialize(this, ReportJson.Default.ReportFile) + "\n");
}

/// <summary>How reports are written.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ReportFile))]
internal sealed partial class ReportJson : JsonSerializerContext;
