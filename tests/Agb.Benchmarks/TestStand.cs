using System.Diagnostics;
using System.Globalization;

namespace Agb.Benchmarks;

/// <summary>One measured pair: ours beside a peer.</summary>
internal sealed record Row(string Work, string Peer, int N, double Ours, double Theirs, double Target)
{
    internal static string Header =>
        "| work | beside | n | ours p50 (ms) | theirs p50 (ms) | ours / theirs | to reach |\n|---|---|---|---|---|---|---|";

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"| {Work} | {Peer} | {N} | {Ours:0.0} | {Theirs:0.0} | {Ours / Theirs:0.00} | {(Target > 0 ? $"{Target:0.##}" : "-")} |");
}

/// <summary>A kind of work that is measured.</summary>
internal abstract class Benchmark
{
    internal abstract string Name { get; }

    internal abstract IAsyncEnumerable<Row> RunAsync(TestStand stand);
}

/// <summary>What every benchmark needs: a service, a place for files, and ways to measure.</summary>
internal sealed class TestStand(IAgbService service, string directory, bool quick)
{
    internal IAgbService Service { get; } = service;

    /// <summary>Fewer runs and smaller data, to see that everything works.</summary>
    internal bool Quick { get; } = quick;

    /// <summary>How many runs of a short piece of work.</summary>
    internal int ShortRuns => Quick ? 5 : 50;

    /// <summary>How many runs of a long piece of work.</summary>
    internal int LongRuns => Quick ? 2 : 7;

    internal string NewDirectory(string name) => Directory.CreateDirectory(Path.Combine(directory, name)).FullName;

    internal static double Median(List<double> values)
    {
        values.Sort();
        return values.Count % 2 == 1 ? values[values.Count / 2] : (values[(values.Count / 2) - 1] + values[values.Count / 2]) / 2;
    }

    /// <summary>The time of one piece of work, in milliseconds.</summary>
    internal static async Task<double> TimeAsync(Func<Task> work)
    {
        var began = Stopwatch.GetTimestamp();
        await work().ConfigureAwait(false);
        return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
    }

    /// <summary>Runs a program to its end.</summary>
    internal static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        await process.StandardOutput.ReadToEndAsync().ConfigureAwait(false);
        await process.WaitForExitAsync().ConfigureAwait(false);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}.");
        }
    }

    internal async Task<AgbSession> SessionAsync(string? contextId = null, string path = "/data") =>
        await Service.CreateSessionAsync(new AgbSessionRequest
        {
            ContextSyncs = contextId is null ? [] : [new AgbContextSync { ContextId = contextId, Path = path }],
        }).ConfigureAwait(false);

    internal async Task CommandAsync(AgbSession session, string command)
    {
        var result = await Service.RunCommandAsync(session.SessionId, new AgbCommandRequest { Command = command }).ConfigureAwait(false);
        if (!result.Success)
        {
            throw new InvalidOperationException($"'{command}' ended with {result.ExitCode}: {result.Output}");
        }
    }

    internal async Task SyncAsync(AgbSession session)
    {
        await Service.StartSyncAsync(session.SessionId, new AgbSyncRequest()).ConfigureAwait(false);
        var tasks = await Service.WaitSyncAsync(session.SessionId, TimeSpan.FromMinutes(10)).ConfigureAwait(false);
        if (tasks.FirstOrDefault(t => t.Status == AgbSyncTaskStatus.Failed) is { } failed)
        {
            throw new InvalidOperationException(failed.ErrorMessage);
        }
    }

    internal Task RemoveAsync(AgbSession session, bool discard = false) =>
        Service.RemoveSessionAsync(session.SessionId, discardChanges: discard);

    /// <summary>A context with so many files of 4 KiB under /data, in directories of 100.</summary>
    internal async Task<AgbContext> ContextWithFilesAsync(string name, int files)
    {
        var context = await Service.CreateContextAsync(name).ConfigureAwait(false);
        var session = await SessionAsync(context.Id).ConfigureAwait(false);
        await CommandAsync(session, MakeFiles("/data", files)).ConfigureAwait(false);
        await RemoveAsync(session).ConfigureAwait(false);
        return context;
    }

    /// <summary>A shell script that makes files of 4 KiB in directories of 100.</summary>
    internal static string MakeFiles(string at, int files) =>
        $"cd {at} && head -c {100 * 4096} /dev/urandom > /tmp/seed && for d in $(seq {files / 100}); do mkdir d$d && split -b 4096 -a 2 -d /tmp/seed d$d/f; done && rm /tmp/seed";
}
