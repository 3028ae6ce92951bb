using System.Diagnostics;

namespace Agb.Engine.Store.Tests;

/// <summary>Short runs of the soaks: processes that edit, sync, release and are killed, and a server with more clients than it serves at
/// a time. Long ones are for a person to start: with AGB_SOAK_SECONDS in the environment, or by themselves,
/// <c>dotnet run --project tests/Agb.Soak -- soak 600 4</c> and <c>-- server 600 32</c>.</summary>
public sealed class SoakTests
{
    private static readonly string? s_seconds = Environment.GetEnvironmentVariable("AGB_SOAK_SECONDS") is { Length: > 0 } seconds ? seconds : null;

    private static readonly string s_cuts = Environment.GetEnvironmentVariable("AGB_POWER_CUTS") is { Length: > 0 } cuts ? cuts : "1";

    [Fact]
    public Task Nothing_that_was_acknowledged_is_lost_when_processes_are_killed() => RunAsync("soak", s_seconds ?? "8", "3");

    [Fact]
    public Task A_server_at_its_limits_leaks_nothing_and_harms_nothing() => RunAsync("server", s_seconds ?? "4", "10");

    [Fact]
    public async Task Nothing_that_was_acknowledged_is_lost_when_the_power_is_cut()
    {
        RequireDevices();
        await RunAsync("power-cuts", "--cuts", s_cuts);
    }

    [Fact]
    public async Task A_power_cut_without_flushes_is_seen_to_lose_data()
    {
        RequireDevices();
        var output = await RunAsync(expected: 1, "power-cuts", "--cuts", "3", "--without-flush");
        output.ShouldContain("after the cut, ");
    }

    private static void RequireDevices()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root makes devices.");
        Assert.SkipUnless(File.Exists("/dev/loop-control"), "The host has no loop devices.");
        var path = $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/sbin".Split(':');
        foreach (var program in (string[])["mkfs.xfs", "mkfs.ext4", "unshare"])
        {
            Assert.SkipUnless(path.Any(d => File.Exists(Path.Combine(d, program))), $"The host has no {program} (packages xfsprogs, e2fsprogs, util-linux).");
        }
    }

    private static Task<string> RunAsync(params string[] arguments) => RunAsync(expected: 0, arguments);

    private static async Task<string> RunAsync(int expected, params string[] arguments)
    {
        await using (await EngineFixture.CreateAsync(MountKind.Auto))
        {
            // Skips where no session can run.
        }
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Agb.Soak.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        process.ExitCode.ShouldBe(expected, output + await errors);
        TestContext.Current.TestOutputHelper?.WriteLine(output);
        return output;
    }
}
