using System.Diagnostics;
using System.Globalization;
using Agb.Cloud;

namespace Agb.Benchmarks.Peers.Server;

/// <summary>The server as its own process on loopback, until it is disposed.</summary>
internal sealed class LocalServer : IAsyncDisposable
{
    internal const string ApiKey = "benchmark-key-0123456789";

    private readonly Process _process;
    private readonly Task _drained;

    private LocalServer(Process process, Uri url)
    {
        _process = process;
        Url = url;
        _drained = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
    }

    /// <summary>Where it listens.</summary>
    internal Uri Url { get; }

    /// <summary>Starts a server.</summary>
    /// <param name="data">Its data directory.</param>
    /// <exception cref="InvalidOperationException">It did not start.</exception>
    internal static async Task<LocalServer> StartAsync(string data)
    {
        const string Ready = "Listening on ";
        var assembly = Path.Combine(AppContext.BaseDirectory, "Agb.Server.dll");
        // The limit of requests would be measured, not the server.
        string[] arguments =
            [assembly, "serve", "--urls", "http://127.0.0.1:0", "--data", data, "--api-key", ApiKey, "--requests-per-second", "0", "--max-sessions", "0", "--max-sessions-per-owner", "0"];
        // This process's own runtime, wherever it was installed.
        var host = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        var process = Process.Start(new ProcessStartInfo(host, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        while (await process.StandardOutput.ReadLineAsync().ConfigureAwait(false) is { } line)
        {
            if (line.StartsWith(Ready, StringComparison.Ordinal))
            {
                return new LocalServer(process, new Uri(line[Ready.Length..]));
            }
        }
        using (process)
        {
            throw new InvalidOperationException("The server did not start: " + await process.StandardError.ReadToEndAsync().ConfigureAwait(false));
        }
    }

    /// <summary>The memory that it holds now, in MiB.</summary>
    internal double ResidentMiB => Status("VmRSS:");

    /// <summary>The most memory that it has held, in MiB.</summary>
    internal double PeakMiB => Status("VmHWM:");

    /// <summary>The module's client of it.</summary>
    internal AgbCloudService Connect() => new(new AgbCloudOptions { Endpoint = Url.ToString(), ApiKey = ApiKey });

    // proc_pid_status(5): in KiB.
    private double Status(string label) => double.Parse(
        File.ReadLines($"/proc/{_process.Id}/status").First(l => l.StartsWith(label, StringComparison.Ordinal))[label.Length..].Replace("kB", "", StringComparison.Ordinal),
        CultureInfo.InvariantCulture) / 1024;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // As a service manager would: it has sessions to release.
        const int Terminate = 15;
        using var handle = PidFd.TryOpen(_process.Id);
        handle?.Send(Terminate);
        await _process.WaitForExitAsync().ConfigureAwait(false);
        await _drained.ConfigureAwait(false);
        _process.Dispose();
    }
}
