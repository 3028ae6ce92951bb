using System.Diagnostics;

namespace Agb.Engine.Store.Tests;

/// <summary>A short run of the soak: processes that edit, sync, release and are killed. A long one is for a person to start:
/// with AGB_SOAK_SECONDS in the environment, or by itself,
/// <c>dotnet run --project tests/Agb.Soak -- soak 600 4</c>.</summary>
public sealed class SoakTests
{
    private static readonly string s_seconds = Environment.GetEnvironmentVariable("AGB_SOAK_SECONDS") is { Length: > 0 } seconds ? seconds : "8";

    [Fact]
    public async Task Nothing_that_was_acknowledged_is_lost_when_processes_are_killed()
    {
        await using (await EngineFixture.CreateAsync(MountKind.Auto))
        {
            // Skips where no session can run.
        }
        using var process = Process.Start(new ProcessStartInfo("dotnet")
        {
            ArgumentList = { Path.Combine(AppContext.BaseDirectory, "Agb.Soak.dll"), "soak", s_seconds, "3" },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        process.ExitCode.ShouldBe(0, output + await errors);
        TestContext.Current.TestOutputHelper?.WriteLine(output);
    }
}
