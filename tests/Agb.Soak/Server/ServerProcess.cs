using System.Diagnostics;
using System.Globalization;

namespace Agb.Soak.Server;

/// <summary>The server as a process of its own, on loopback.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_stopLimit = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly List<string> _log = [];

    private ServerProcess(Process process, string data)
    {
        _process = process;
        Data = data;
    }

    /// <summary>Its data directory.</summary>
    internal string Data { get; }

    internal int Id => _process.Id;

    internal bool HasEnded => _process.HasExited;

    /// <summary>Where it listens.</summary>
    internal Uri Url { get; private set; } = new("about:blank");

    /// <summary>The memory that it holds, in MiB.</summary>
    internal double ResidentMiB => Status("VmRSS:") / 1024;

    /// <summary>The most memory that it has held, in MiB.</summary>
    internal double PeakMiB => Status("VmHWM:") / 1024;

    internal int Threads => (int)Status("Threads:");

    /// <summary>The lines of its log about unexpected failures.</summary>
    internal IReadOnlyList<string> Failures
    {
        get
        {
            lock (_log)
            {
                return [.. _log.Where(l => l.Contains("failed unexpectedly", StringComparison.Ordinal))];
            }
        }
    }

    /// <summary>Starts a server and waits until it listens.</summary>
    /// <param name="data">Its data directory.</param>
    /// <param name="handles">The most files that it may have open; null for as many as this process.</param>
    /// <param name="options">Options of <c>serve</c>.</param>
    internal static async Task<ServerProcess> StartAsync(string data, int? handles, params string[] options)
    {
        const string Ready = "Listening on ";
        var process = Begin(handles, "serve", ["--data", data, "--urls", "http://127.0.0.1:0", "--log", "text", .. options]);
        var server = new ServerProcess(process, data);
        var ready = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        process.OutputDataReceived += (_, e) => server.Take(e.Data, line =>
        {
            if (line.StartsWith(Ready, StringComparison.Ordinal))
            {
                ready.TrySetResult(line[Ready.Length..]);
            }
        });
        process.ErrorDataReceived += (_, e) => server.Take(e.Data, _ => { });
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        if (await Task.WhenAny(ready.Task, process.WaitForExitAsync()) != ready.Task)
        {
            throw new InvalidOperationException("The server did not start: " + string.Join('\n', server._log));
        }
        server.Url = new Uri(await ready.Task);
        return server;
    }

    /// <summary>Makes a key of an owner of its own.</summary>
    internal static async Task<string> AddKeyAsync(string data, string name)
    {
        using var process = Begin(null, "keys", ["add", name, "--data", data]);
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? (await output).Trim() : throw new InvalidOperationException("No key was made: " + await errors);
    }

    /// <summary>How many descriptors it has open, by what they are open on.</summary>
    internal SortedDictionary<string, int> Handles()
    {
        var kinds = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var file in Directory.EnumerateFileSystemEntries($"/proc/{Id}/fd"))
        {
            // One that was closed meanwhile has no target any more.
            var kind = new FileInfo(file).LinkTarget switch
            {
                null => null,
                var t when t.StartsWith("socket:", StringComparison.Ordinal) => "sockets",
                var t when t.StartsWith("pipe:", StringComparison.Ordinal) => "pipes",
                var t when t.StartsWith("anon_inode:", StringComparison.Ordinal) => "events and pidfds",
                var t when t.Contains("/catalog.db", StringComparison.Ordinal) => "catalogs",
                var t when t.StartsWith(Data, StringComparison.Ordinal) => "files of the store",
                _ => "others",
            };
            if (kind is not null)
            {
                kinds[kind] = kinds.GetValueOrDefault(kind) + 1;
            }
        }
        return kinds;
    }

    /// <summary>Asks it to end, as a service manager would.</summary>
    /// <returns>Its exit code.</returns>
    internal async Task<int> StopAsync()
    {
        const int Terminate = 15;
        using (var handle = PidFd.TryOpen(Id))
        {
            handle?.Send(Terminate);
        }
        using var limit = new CancellationTokenSource(s_stopLimit);
        await _process.WaitForExitAsync(limit.Token);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }
        _process.Dispose();
    }

    private static Process Begin(int? handles, string command, string[] arguments)
    {
        // This process's own runtime, wherever it was installed.
        var host = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        string[] limit = handles is { } most ? ["prlimit", FormattableString.Invariant($"--nofile={most}:{most}")] : [];
        string[] all = [.. limit, host, Path.Combine(AppContext.BaseDirectory, "Agb.Server.dll"), command, .. arguments];
        return Process.Start(new ProcessStartInfo(all[0], all[1..]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
    }

    private void Take(string? line, Action<string> look)
    {
        if (line is null)
        {
            return;
        }
        look(line);
        lock (_log)
        {
            // A line for each request would fill the memory.
            if (!line.Contains("request ", StringComparison.Ordinal) || line.Contains("failed unexpectedly", StringComparison.Ordinal))
            {
                _log.Add(line);
            }
        }
    }

    // proc_pid_status(5)
    private double Status(string label) => double.Parse(
        File.ReadLines($"/proc/{Id}/status").First(l => l.StartsWith(label, StringComparison.Ordinal))[label.Length..].Replace("kB", "", StringComparison.Ordinal),
        CultureInfo.InvariantCulture);
}
