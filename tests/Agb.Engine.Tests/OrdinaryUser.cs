using Agb.Engine.Tests.Sandbox;
using System.Diagnostics;

namespace Agb.Engine.Tests;

/// <summary>Runs tests of this assembly once more as a user without any privilege.</summary>
internal static class OrdinaryUser
{
    // Ids that no user has; any would do.
    private const string Ids = "65532";

    private const UnixFileMode Readable = (UnixFileMode)0b111_101_101;

    /// <summary>Asserts that the tests that a filter names pass for an ordinary user.</summary>
    /// <param name="filter">Arguments of the test program that choose the tests.</param>
    /// <param name="cancellationToken">Ends them.</param>
    internal static async Task PassesAsync(string[] filter, CancellationToken cancellationToken)
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Skip("Sandboxes need Linux.");
        }
        if (HostTools.Missing() is { Count: > 0 } missing)
        {
            Assert.Skip($"This host lacks: {string.Join(", ", missing)}.");
        }
        Assert.SkipUnless(SandboxIdentity.IsRoot, "This is an ordinary user already.");
        // The tests' own directory may be below one that others may not enter.
        var copy = Path.Combine(Path.GetTempPath(), $"agb-test-copy-{Guid.NewGuid():n}");
        try
        {
            Copy(Path.GetDirectoryName(typeof(OrdinaryUser).Assembly.Location)!, copy);
            var home = Path.Combine(copy, "home");
            Directory.CreateDirectory(home);
            ProcessFiles.SetOwner(home, uint.Parse(Ids), uint.Parse(Ids));
            var assembly = Path.Combine(copy, Path.GetFileName(typeof(OrdinaryUser).Assembly.Location));
            var runtime = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet"
                ? Environment.ProcessPath!
                : HostTools.Find("dotnet") ?? Path.Combine(Environment.GetEnvironmentVariable("DOTNET_ROOT") ?? "/usr/share/dotnet", "dotnet");
            var (canRun, _) = await RunAsync("/", [runtime, "--list-runtimes"], runtime, cancellationToken);
            Assert.SkipUnless(canRun == 0, $"An ordinary user may not run '{runtime}'.");

            var (exitCode, output) = await RunAsync(home, [runtime, assembly, "-noColor", .. filter], runtime, cancellationToken);
            TestContext.Current.SendDiagnosticMessage(output);
            exitCode.ShouldBe(0, output);
            output.ShouldContain("Failed: 0");
            output.ShouldNotContain("Total: 0");
        }
        finally
        {
            SandboxTest.DeleteTree(copy);
        }
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(
        string home, string[] command, string runtime, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(
            HostTools.Require("setpriv"),
            [
                $"--reuid={Ids}", $"--regid={Ids}", "--clear-groups",
                HostTools.Require("env"), $"HOME={home}", $"TMPDIR={home}", $"DOTNET_HOST_PATH={runtime}", .. command,
            ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = home,
        };
        using var process = Process.Start(start)!;
        try
        {
            var (output, errors) = (process.StandardOutput.ReadToEndAsync(cancellationToken), process.StandardError.ReadToEndAsync(cancellationToken));
            await process.WaitForExitAsync(cancellationToken);
            return (process.ExitCode, await output + await errors);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        ProcessFiles.SetMode(to, Readable);
        foreach (var file in Directory.EnumerateFiles(from))
        {
            var target = Path.Combine(to, Path.GetFileName(file));
            File.Copy(file, target);
            ProcessFiles.SetMode(target, Readable);
        }
        foreach (var directory in Directory.EnumerateDirectories(from))
        {
            Copy(directory, Path.Combine(to, Path.GetFileName(directory)));
        }
    }
}
