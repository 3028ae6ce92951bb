using System.Text.Json;
using System.Text.Json.Serialization;

namespace Agb.Server;

/// <summary>Reports the load of the session's machine.</summary>
internal sealed class MetricsTool : SessionTool
{
    private const double SampleSeconds = 0.2;

    internal override string Name => "get_metrics";

    internal override string Description => "Reports size and use of processor, memory, disk and network on the session's machine.";

    internal override string InputSchema => """{"type":"object","properties":{}}""";

    private protected override async Task<ToolResult> RunAsync(ToolCall call, CancellationToken cancellationToken)
    {
        // Rates come from two samples of the counters, a moment apart.
        var text = await SessionScript.TextAsync(
            call,
            """
            look() { head -n 1 /proc/stat; echo =; cat /proc/net/dev; echo =; }
            look; sleep 0.2; look
            nproc; echo =; cat /proc/meminfo; echo =; df -B1 --output=size,used / | tail -n 1
            """,
            cancellationToken).ConfigureAwait(false);
        return new ToolResult(JsonSerializer.Serialize(Read(text.Split("=\n"), TimeProvider.System.GetUtcNow()), MetricsJson.Default.SessionMetrics));
    }

    /// <summary>Parses the sections of the script's answer.</summary>
    internal static SessionMetrics Read(string[] sections, DateTimeOffset time)
    {
        if (sections.Length != 7 || sections[6].Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [var diskTotal, var diskUsed])
        {
            throw new ToolFailedException("The session's counters can't be read.");
        }
        var (busy, total) = (Cpu(sections[2]).Busy - Cpu(sections[0]).Busy, Cpu(sections[2]).Total - Cpu(sections[0]).Total);
        var before = Network(sections[1]);
        var after = Network(sections[3]);
        var memory = sections[5].Split('\n').Select(l => l.Split([':', ' '], StringSplitOptions.RemoveEmptyEntries))
            .Where(l => l.Length > 1).ToDictionary(l => l[0], l => Number(l[1]) * 1024);
        return new SessionMetrics
        {
            CpuCount = (int)Number(sections[4]),
            CpuUsedPct = total > 0 ? Math.Round(Math.Clamp(100.0 * busy / total, 0, 100), 2) : 0,
            MemTotal = memory.GetValueOrDefault("MemTotal"),
            MemUsed = memory.GetValueOrDefault("MemTotal") - memory.GetValueOrDefault("MemAvailable"),
            DiskTotal = Number(diskTotal),
            DiskUsed = Number(diskUsed),
            RxUsedKbyte = after.Received / 1024.0,
            TxUsedKbyte = after.Sent / 1024.0,
            RxRateKbytePerS = Math.Max(0, after.Received - before.Received) / 1024.0 / SampleSeconds,
            TxRateKbytePerS = Math.Max(0, after.Sent - before.Sent) / 1024.0 / SampleSeconds,
            Timestamp = time.ToString("O", CultureInfo.InvariantCulture),
        };
    }

    // proc(5), /proc/stat: user, nice, system, idle, iowait, and others; all except idle and iowait are work.
    private static (long Busy, long Total) Cpu(string line)
    {
        var ticks = line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Take(8).Select(Number).ToArray();
        var total = ticks.Sum();
        return (total - ticks.ElementAtOrDefault(3) - ticks.ElementAtOrDefault(4), total);
    }

    // proc(5), /proc/net/dev: bytes received are the first number behind the name, bytes sent the ninth.
    private static (long Received, long Sent) Network(string text)
    {
        var devices = text.Split('\n').Select(l => l.Split([':', ' '], StringSplitOptions.RemoveEmptyEntries))
            .Where(l => l.Length > 9 && l[0] != "lo" && char.IsAsciiDigit(l[1][0])).ToArray();
        return (devices.Sum(d => Number(d[1])), devices.Sum(d => Number(d[9])));
    }

    private static long Number(string text) => long.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}

/// <summary>Metrics of a session's machine, as in the protocol: sizes in bytes, traffic in KiB, rates in KiB/s. The protocol has
/// these names in snake case.</summary>
internal sealed record SessionMetrics
{
    public int CpuCount { get; init; }

    public double CpuUsedPct { get; init; }

    public long MemTotal { get; init; }

    public long MemUsed { get; init; }

    public long DiskTotal { get; init; }

    public long DiskUsed { get; init; }

    public double RxRateKbytePerS { get; init; }

    public double TxRateKbytePerS { get; init; }

    public double RxUsedKbyte { get; init; }

    public double TxUsedKbyte { get; init; }

    public required string Timestamp { get; init; }
}

/// <summary>The JSON of the metrics.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(SessionMetrics))]
internal sealed partial class MetricsJson : JsonSerializerContext;
