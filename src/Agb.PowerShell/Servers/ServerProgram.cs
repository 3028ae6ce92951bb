using System.Diagnostics;

namespace Agb.PowerShell;

/// <summary>Runs the program Agb.Server. It needs the ASP.NET Core runtime, which is not part of PowerShell.</summary>
internal static class ServerProgram
{
    /// <summary>The program and its first arguments.</summary>
    /// <exception cref="AgbException">HostNotReady: the program or its runtime is missing.</exception>
    internal static string[] Command()
    {
        var module = Path.GetDirectoryName(typeof(ServerProgram).Assembly.Location) ?? AppContext.BaseDirectory;
        var server = Path.Combine(module, "Agb.Server.dll");
        if (!File.Exists(server))
        {
            throw new AgbException(
                AgbErrorIds.HostNotReady, AgbErrorKind.HostNotReady,
                $"The server is not part of this module: '{server}' does not exist.", "Build the module with ./build.ps1, or install it again.");
        }
        var dotnet = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/usr/share/dotnet").Append("/usr/lib/dotnet")
            .Select(d => Path.Combine(d, "dotnet")).FirstOrDefault(File.Exists);
        return dotnet is not null
            ? [dotnet, server]
            : throw new AgbException(
                AgbErrorIds.HostNotReady, AgbErrorKind.HostNotReady, "The server needs the ASP.NET Core 10 runtime, and there is no 'dotnet' on PATH.",
                "Install it: https://dotnet.microsoft.com/download/dotnet/10.0, the package aspnetcore-runtime-10.0.");
    }

    /// <summary>Runs a command of the server's program.</summary>
    /// <returns>The program's stdout.</returns>
    /// <exception cref="AgbException">The failure reported by the program.</exception>
    internal static Task<string> RunAsync(IEnumerable<string> arguments, CancellationToken token)
    {
        var command = Command();
        return RunAsync(command[0], [.. command[1..], .. arguments], token);
    }

    /// <summary>Runs any program.</summary>
    /// <exception cref="AgbException">The failure reported by the program.</exception>
    internal static async Task<string> RunAsync(string program, IEnumerable<string> arguments, CancellationToken token)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }
#pragma warning disable RS0030 // The one place of a server's start.
        using var process = Process.Start(start)!;
#pragma warning restore RS0030
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(token);
        var errors = process.StandardError.ReadToEndAsync(token);
        await process.WaitForExitAsync(token).ConfigureAwait(false);
        if (process.ExitCode == 0)
        {
            return await output.ConfigureAwait(false);
        }
        var said = await errors.ConfigureAwait(false);
        throw ServerFailure.Read(said) ?? new AgbException(
            AgbErrorIds.ServiceNotAvailable, AgbErrorKind.Failed, $"'{program}' ended with exit code {process.ExitCode}: {ServerFailure.LastLine(said)}",
            "Check that the ASP.NET Core 10 runtime is installed: dotnet --list-runtimes.");
    }
}
