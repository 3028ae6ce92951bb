using System.Diagnostics;
using Agb.Engine.Native;
using Agb.Engine.Sandbox;

namespace Agb.Engine.Tests.Sandbox;

/// <summary>Runs the other tests of this directory once more as a user without any privilege.</summary>
public sealed class OrdinaryUserTests : SandboxTest
{
    // Ids that no user has; any would do.
    private const string Ids = "65532";

    private const UnixFileMode Readable = (UnixFileMode)0b111_101_101;

    [Fact]
    public async Task Every_test_passes_for_an_ordinary_user()
    {
        Assert.SkipUnless(SandboxIdentity.IsRoot, "This is an ordinary user already.");
        // The tests' own directory may be below one that others may not enter.
        var copy = Path.Combine(Path.GetTempPath(), $"agb-test-copy-{Guid.NewGuid():n}");
        try
        {
            Copy(Path.GetDirectoryName(typeof(OrdinaryUserTests).Assembly.Location)!, copy);
            var home = Path.Combine(copy, "home");
            Directory.CreateDirectory(home);
            ProcessFiles.SetOwner(home, uint.Parse(Ids), uint.Parse(Ids));
            var assembly = Path.Combine(copy, Path.GetFileName(typeof(OrdinaryUserTests).Assembly.Location));
            var runtime = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet"
                ? Environment.ProcessPath!
                : HostTools.Find("dotnet") ?? Path.Combine(Environment.GetEnvironmentVariable("DOTNET_ROOT") ?? "/usr/share/dotnet", "dotnet");
            Assert.SkipUnless(await CanRunAsync(runtime), $"An ordinary user may not run '{runtime}'.");

            var (exitCode, output) = await RunAsync(
                home, [runtime, assembly, "-noColor", "-namespace", typeof(OrdinaryUserTests).Namespace!, "-class-", typeof(OrdinaryUserTests).FullName!]);
            TestContext.Current.SendDiagnosticMessage(output);
            exitCode.ShouldBe(0, output);
            output.ShouldContain("Failed: 0");
        }
        finally
        {
            DeleteTree(copy);
        }
    }

    private async Task<bool> CanRunAsync(string program) => (await RunAsync("/", [program, "--list-runtimes"])).ExitCode == 0;

    private static async Task<(int ExitCode, string Output)> RunAsync(string home, string[] command)
    {
        var start = new ProcessStartInfo(
            HostTools.Require("setpriv"),
            [$"--reuid={Ids}", $"--regid={Ids}", "--clear-groups", HostTools.Require("env"), $"HOME={home}", $"TMPDIR={home}", .. command])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = home,
        };
        using var process = Process.Start(start)!;
        try
        {
            var (output, errors) = (process.StandardOutput.ReadToEndAsync(Token), process.StandardError.ReadToEndAsync(Token));
            await process.WaitForExitAsync(Token);
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
