using System.Diagnostics;

namespace Agb.Engine.Store.Tests;

/// <summary>Short runs of the soaks: processes that edit, sync, release and are killed, and a server with more clients than it serves at
/// a time. Long ones are for a person to start: with AGB_SOAK_SECONDS in the environment, or by themselves,
/// <c>dotnet run --project tests/Agb.Soak -- soak 600 4</c> and <c>-- server 600 32</c>.</summary>
public sealed class SoakTests
{
    private static readonly string? s_seconds = Environment.GetEnvironmentVariable("AGB_SOAK_SECONDS") is { Length: > 0 } seconds ? seconds : null;

    [Fact]
    public Task Nothing_that_was_acknowledged_is_lost_when_processes_are_killed() => RunAsync("soak", s_seconds ?? "8", "3");

    [Fact]
    public Task A_server_at_its_limits_leaks_nothing_and_harms_nothing() => RunAsync("server", s_seconds ?? "4", "10");

    private static async Task RunAsync(params string[] arguments)
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
        process.ExitCode.ShouldBe(0, output + await errors);
        TestContext.Current.TestOutputHelper?.WriteLine(output);
    }
}
