using Agb.Engine.Tests.Sandbox;
using System.Diagnostics;
using System.Text.Json;

namespace Agb.Engine.Tests.Benchmarks;

/// <summary>The program that measures: that its benchmarks run, not how long they take.</summary>
public sealed class BenchmarkProgramTests : SandboxTest
{
    private string Work => Path.Combine(Home, "work");

    private string Output => Path.Combine(Home, "output");

    [Fact]
    public async Task A_quick_run_measures_what_it_was_asked_for_and_leaves_only_results()
    {
        Directory.CreateDirectory(Work);
        var (exitCode, text, errors) = await RunAsync("--quick", "--only", "sync", "--only", "history", "--work", Work, "--output", Output);
        exitCode.ShouldBe(0, text + errors);
        using var results = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(Output, "results.json"), Token));
        var rows = results.RootElement.GetProperty("rows").EnumerateArray().ToList();
        rows.Select(r => r.GetProperty("name").GetString()!.Split('/', '-')[0]).Distinct().Order().ShouldBe(["history", "sync"]);
        foreach (var row in rows)
        {
            // A peer may not be installed; ours always is.
            if (!row.TryGetProperty("missing", out _))
            {
                row.GetProperty("ours").GetProperty("p50").GetDouble().ShouldBeGreaterThan(0);
                row.GetProperty("ours").GetProperty("n").GetInt32().ShouldBeGreaterThan(0);
            }
            (await File.ReadAllTextAsync(Path.Combine(Output, "results.md"), Token)).ShouldContain(row.GetProperty("work").GetString()!);
        }
        File.Exists(Path.Combine(Output, "results.svg")).ShouldBeTrue();
        Directory.EnumerateFileSystemEntries(Work).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("measures nothing", "--quick", "--docs", "/nonexistent")]
    [InlineData("is not an option", "--fast")]
    [InlineData("needs a value", "--only")]
    public async Task Refuses_what_it_does_not_understand(string message, params string[] arguments)
    {
        var (exitCode, _, errors) = await RunAsync(arguments);
        exitCode.ShouldBe(2);
        errors.ShouldContain(message);
    }

    [Fact]
    public async Task Names_its_benchmarks_without_running_them()
    {
        var (exitCode, text, errors) = await RunAsync("--list", "--only", "first-sync", "--work", "/nonexistent");
        exitCode.ShouldBe(0, errors);
        text.Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldBe(["first-sync-files", "first-sync-large"]);
    }

    private static async Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        var host = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        var program = Path.Combine(AppContext.BaseDirectory, "Agb.Benchmarks.dll");
        using var process = Process.Start(
            new ProcessStartInfo(host, [program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(Token), process.StandardError.ReadToEndAsync(Token));
        await process.WaitForExitAsync(Token);
        return (process.ExitCode, await output, await errors);
    }
}
