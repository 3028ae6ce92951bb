using System.Diagnostics;

namespace Agb.Engine.Tests.Sessions;

/// <summary>A parent that ignores SIGCHLD, as some supervisors do, hands that on; commands work all the same.</summary>
public sealed class IgnoredChildSignalTests
{
    [Fact]
    public async Task Sessions_and_commands_work_under_a_parent_that_ignores_it()
    {
        if (HostTools.Missing() is { Count: > 0 } missing)
        {
            Assert.Skip($"This host lacks: {string.Join(", ", missing)}.");
        }
        var runtime = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath! : HostTools.Find("dotnet");
        Assert.SkipWhen(runtime is null, "No dotnet is found to run the tests with once more.");
        string[] once =
        [
            "--ignore-signal=CHLD", runtime, typeof(IgnoredChildSignalTests).Assembly.Location, "-noColor",
            "-class", typeof(Sandbox.CommandTests).FullName!, "-class", typeof(IgnoredHereTests).FullName!,
        ];
        var start = new ProcessStartInfo(HostTools.Require("env"), once) { RedirectStandardOutput = true };
        start.Environment[IgnoredHereTests.Variable] = "1";
        using var process = Process.Start(start)!;
        try
        {
            var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            process.ExitCode.ShouldBe(0, output);
            output.ShouldContain("Failed: 0");
            output.ShouldNotContain("Total: 0");
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }
}

/// <summary>Runs in that process only: shows that it was begun as meant.</summary>
public sealed class IgnoredHereTests
{
    internal const string Variable = "AGB_TEST_CHILD_SIGNAL_IGNORED";

    [Fact]
    public void It_was_ignored_and_is_no_more()
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable(Variable) is null, "Run by IgnoredChildSignalTests.");
        ChildSignal.WasIgnored().ShouldBeTrue();
        const ulong ChildBit = 1ul << 16;
        var line = File.ReadLines("/proc/self/status").First(l => l.StartsWith("SigIgn:", StringComparison.Ordinal));
        (Convert.ToUInt64(line["SigIgn:".Length..].Trim(), 16) & ChildBit).ShouldBe(0ul);
    }
}
