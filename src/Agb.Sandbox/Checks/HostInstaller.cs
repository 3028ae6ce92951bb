namespace Agb.Sandbox;

/// <summary>Installs the programs needed by sessions.</summary>
internal static class HostInstaller
{
    /// <summary>Installs the missing programs.</summary>
    /// <param name="images">Images whose browser and desktop are wanted too.</param>
    /// <param name="output">Receives the package manager's lines.</param>
    /// <param name="cancellationToken">Ends the installation.</param>
    public static async Task<AgbHostSetupResult> InstallAsync(
        IReadOnlyList<AgbImage> images, Action<string> output, CancellationToken cancellationToken)
    {
        var missing = Missing(images);
        if (missing.Count == 0)
        {
            return new() { Ready = true, Message = "All programs needed by sessions are installed." };
        }
        if (HostPackages.Find() is not { } manager)
        {
            return new()
            {
                Ready = false,
                Command = HostPackages.Remedy(missing),
                Message = $"Missing: {string.Join(", ", missing)}. This host has none of apt-get, dnf, apk and zypper.",
            };
        }
        var packages = HostPackages.For(manager, missing);
        if (!SandboxIdentity.IsRoot)
        {
            return new()
            {
                Ready = false,
                Packages = packages,
                Command = HostPackages.Remedy(missing),
                Message = $"Missing: {string.Join(", ", missing)}. Installing packages needs root.",
            };
        }
        foreach (var arguments in new[] { manager.Refresh, [.. manager.Install, .. packages] }.Where(a => a.Count > 0))
        {
            var exitCode = await RunAsync(HostTools.Require(manager.Program), arguments, output, cancellationToken).ConfigureAwait(false);
            if (exitCode != 0)
            {
                return new()
                {
                    Ready = false,
                    Packages = packages,
                    Command = HostPackages.Remedy(missing),
                    Message = $"'{manager.Program} {string.Join(' ', arguments)}' ended with exit code {exitCode}.",
                };
            }
        }
        var left = Missing(images);
        return new()
        {
            Ready = left.Count == 0,
            Packages = packages,
            Command = left.Count == 0 ? null : HostPackages.Remedy(left),
            Message = left.Count == 0
                ? $"Installed {string.Join(", ", packages)}."
                : $"Installed {string.Join(", ", packages)}, but these programs are still missing: {string.Join(", ", left)}.",
        };
    }

    private static IReadOnlyList<string> Missing(IReadOnlyList<AgbImage> images) =>
        [.. HostTools.Missing().Concat(images.SelectMany(ImageNeeds.Missing)).Distinct(StringComparer.Ordinal)];

    /// <summary>Runs a package manager, with its output line by line. It gets the user's environment, for instance for
    /// proxies, and is told not to ask questions.</summary>
    private static async Task<int> RunAsync(
        string program, IReadOnlyList<string> arguments, Action<string> output, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DEBIAN_FRONTEND"] = "noninteractive";
        using var process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, e) => Forward(e.Data, output);
        process.ErrorDataReceived += (_, e) => Forward(e.Data, output);
#pragma warning disable RS0030 // The package manager is a host program, unconfined and with this console.
        process.Start();
#pragma warning restore RS0030
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
        return process.ExitCode;
    }

    private static void Forward(string? line, Action<string> output)
    {
        if (line is not null)
        {
            output(line);
        }
    }
}
