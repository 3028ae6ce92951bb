using System.Text.Json;
using Agb.Server;

namespace Agb.Server.Tests.Tools;

public sealed class MetricsToolTests
{
    private static readonly string[] s_sections =
    [
        "cpu 10 0 10 80 0 0 0 0\n", "eth0: 1024 1 0 0 0 0 0 0 2048 1\n", "cpu 20 0 20 160 0 0 0 0\n", "eth0: 2048 1 0 0 0 0 0 0 2048 1\n", "4\n",
        "MemTotal: 100 kB\nMemAvailable: 40 kB\n", "1000 250\n",
    ];

    [Fact]
    public void Figures_have_the_protocols_names_and_units() =>
        JsonSerializer.Serialize(MetricsTool.Read(s_sections, new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero)), MetricsJson.Default.SessionMetrics).ShouldBe(
            """{"cpu_count":4,"cpu_used_pct":20,"mem_total":102400,"mem_used":61440,"disk_total":1000,"disk_used":250,"rx_rate_kbyte_per_s":5,"tx_rate_kbyte_per_s":0,"rx_used_kbyte":2,"tx_used_kbyte":2,"timestamp":"2026-01-02T03:04:05.0000000\u002B00:00"}""");

    [Fact]
    public void A_disk_that_nothing_is_said_of_is_a_failure_of_the_tool() =>
        Should.Throw<ToolFailedException>(() => MetricsTool.Read([.. s_sections[..6], "\n"], default));
}
