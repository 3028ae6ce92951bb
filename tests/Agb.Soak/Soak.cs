using System.Diagnostics;
using System.Globalization;

namespace Agb.Soak;

/// <summary>Starts workers, kills them at random, starts others in their place, and looks whether the store holds what it must.</summary>
/// <param name="length">For how long.</param>
/// <param name="workers">How many processes.</param>
/// <param name="seed">What decides.</param>
/// <param name="page">The page of docs that gets the figures, or null.</param>
internal sealed class Soak(TimeSpan length, int workers, int seed, string? page)
{
    // Of each context after each round.
    private const int VersionsRead = 5;

    private static readonly TimeSpan s_round = TimeSpan.FromSeconds(6);

    private readonly Random _random = new(seed);
    private readonly string _directory = Directory.CreateTempSubdirectory("agb-soak-").FullName;
    private readonly List<string> _lost = [];
    private int _kills;
    private int _rounds;
    private int _unrecorded;

    private string Home => Path.Combine(_directory, "home");

    private string Logs => Path.Combine(_directory, "logs");

    internal async Task<int> RunAsync(TextWriter output)
    {
        try
        {
            Directory.CreateDirectory(Logs);
            await output.WriteLineAsync($"seed {seed}, {workers} workers, {length.TotalSeconds} s");
            var contexts = await MakeContextsAsync();
            var clock = Stopwatch.StartNew();
            while (clock.Elapsed < length && _lost.Count == 0)
            {
                await RoundAsync(contexts);
                _rounds++;
                await VerifyAsync(contexts);
            }
            await PrintAsync(output, clock.Elapsed, contexts);
            return _lost.Count == 0 ? 0 : 1;
        }
        finally
        {
            await CleanUpAsync();
        }
    }

    private async Task<string[]> MakeContextsAsync()
    {
        using var service = Open();
        for (var i = 0; i < workers; i++)
        {
            await service.CreateContextAsync($"w{i}");
        }
        return [(await service.CreateContextAsync("one")).Id, (await service.CreateContextAsync("two")).Id];
    }

    /// <summary>Workers run for a while, each killed now and then; at the end half of them are killed and half stop.</summary>
    private async Task RoundAsync(string[] contexts)
    {
        var stop = Path.Combine(Logs, "STOP");
        File.Delete(stop);
        var running = Enumerable.Range(0, workers).Select(i => Start(contexts, i)).ToArray();
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < s_round)
        {
            await Task.Delay(_random.Next(200, 1500));
            var victim = _random.Next(workers);
            await KillAsync(running[victim]);
            running[victim] = Start(contexts, victim);
        }
        foreach (var process in running.Take(workers / 2))
        {
            await KillAsync(process);
        }
        await File.WriteAllTextAsync(stop, "");
        foreach (var process in running)
        {
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }

    private Process Start(string[] contexts, int worker)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardError = true };
        foreach (var argument in (string[])[
            typeof(Soak).Assembly.Location, "worker", Home, contexts[worker % contexts.Length], $"w{worker}",
            _random.Next().ToString(CultureInfo.InvariantCulture), Log(worker)])
        {
            start.ArgumentList.Add(argument);
        }
        var process = Process.Start(start)!;
        process.ErrorDataReceived += (_, e) =>
        {
            if (e.Data is { Length: > 0 } line)
            {
                lock (_lost)
                {
                    _lost.Add($"w{worker}: {line}");
                }
            }
        };
        process.BeginErrorReadLine();
        return process;
    }

    private async Task KillAsync(Process process)
    {
        if (!process.HasExited)
        {
            // SIGKILL, to this process alone.
            process.Kill();
            _kills++;
        }
        await process.WaitForExitAsync();
    }

    /// <summary>Recovers, ends what the killed workers left running, and compares.</summary>
    private async Task VerifyAsync(string[] contexts)
    {
        using var service = Open();
        for (var i = 0; i < workers; i++)
        {
            var model = Model.Of(Log(i));
            _lost.AddRange(model.Failures.Select(f => $"w{i}: {f}"));
            // Before its session is released: an acknowledged sync must be there already.
            _lost.AddRange(model.Differences($"w{i}", await ReadAsync(service, contexts[i % contexts.Length], $"w{i}")));
            await VerifyHistoryAsync(service, contexts[i % contexts.Length], $"/data/w{i}-files", Worker.FilesLog(Log(i)));
            await VerifyHistoryAsync(service, $"w{i}", "/", Worker.OwnLog(Log(i)));
        }
        await ReleaseUnknownAsync(service);
        var report = await AgbStore.CheckAsync(Home, new AgbStoreCheckOptions { Deep = true });
        _lost.AddRange(report.Problems.Select(p => p.ToString()));
        _unrecorded += (int)report.LayersWithoutSums;
    }

    /// <summary>Compares a part of a context that was changed without sessions, and of a context of a worker's own some versions too.</summary>
    private async Task VerifyHistoryAsync(EmbeddedService service, string context, string root, string log)
    {
        var history = History.Of(log);
        _lost.AddRange(history.Failures.Select(f => $"{Path.GetFileName(log)}: {f}"));
        if (history.Difference(await Changer.ReadAsync(service, context, root)) is { } difference)
        {
            _lost.Add($"{Path.GetFileName(log)}: {difference}");
        }
        var kept = await service.ListContextVersionsAsync(await service.FindContextAsync(context)).Select(v => v.Version).Where(history.Versions.ContainsKey).ToArrayAsync();
        _random.Shuffle(kept);
        foreach (var version in kept.Take(VersionsRead))
        {
            var held = await Changer.ReadAsync(service, context, root, version);
            if (held != history.Versions[version])
            {
                _lost.Add($"{Path.GetFileName(log)}: version {version} holds '{held}' and not '{history.Versions[version]}'");
            }
        }
    }

    /// <summary>Sessions whose worker died before it could write down which they are.</summary>
    private async Task ReleaseUnknownAsync(EmbeddedService service)
    {
        var known = Enumerable.Range(0, workers).Select(i => Model.Of(Log(i)).Session).ToHashSet();
        await foreach (var session in service.ListSessionsAsync())
        {
            if (!known.Contains(session.SessionId))
            {
                await service.RemoveSessionAsync(session);
            }
        }
    }

    /// <summary>What the newest version holds of one worker's directory, read by a session.</summary>
    private static async Task<Dictionary<string, int>> ReadAsync(EmbeddedService service, string context, string name)
    {
        var session = await service.CreateSessionAsync(
            new AgbSessionRequest { ContextSyncs = [new AgbContextSync { ContextId = (await service.FindContextAsync(context)).Id, Path = "/data" }] });
        try
        {
            var result = await service.RunCommandAsync(
                session,
                new AgbCommandRequest { Command = $"cd /data/{name} 2>/dev/null || exit 0; for f in $(find . -type f ! -name '*.new'); do echo \"${{f#./}} $(cat $f)\"; done" });
            return result.Stdout.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(' '))
                .ToDictionary(l => l[0], l => l.Length > 1 && int.TryParse(l[1], CultureInfo.InvariantCulture, out var value) ? value : -1, StringComparer.Ordinal);
        }
        finally
        {
            await service.RemoveSessionAsync(session, AgbReleaseMode.Discard);
        }
    }

    private async Task PrintAsync(TextWriter output, TimeSpan elapsed, string[] contexts)
    {
        var models = Enumerable.Range(0, workers).Select(i => Model.Of(Log(i))).ToArray();
        var histories = Enumerable.Range(0, workers).SelectMany(i => new[] { History.Of(Worker.FilesLog(Log(i))), History.Of(Worker.OwnLog(Log(i))) }).ToArray();
        int Steps(string kind) => histories.Sum(h => h.Acknowledged.GetValueOrDefault(kind));
        using var service = Open();
        var versions = 0L;
        foreach (var context in contexts.Concat(Enumerable.Range(0, workers).Select(i => $"w{i}")))
        {
            versions += await service.ListContextVersionsAsync(await service.FindContextAsync(context)).Select(v => v.Version).DefaultIfEmpty(0).MaxAsync();
        }
        var figures = string.Create(CultureInfo.InvariantCulture, $"""
            | seconds | rounds | edits | syncs | releases | changes without a session | restores | clears | processes killed | versions | errors |
            |---|---|---|---|---|---|---|---|---|---|---|
            | {elapsed.TotalSeconds:0} | {_rounds} | {models.Sum(m => m.Edits):N0} | {models.Sum(m => m.Acknowledged.GetValueOrDefault("sync")):N0} | {models.Sum(m => m.Acknowledged.GetValueOrDefault("release")):N0} | {Steps("change"):N0} | {Steps("restore"):N0} | {Steps("clear"):N0} | {_kills:N0} | {versions:N0} | {_lost.Count} |
            """);
        await output.WriteLineAsync(figures);
        await output.WriteLineAsync($"{_unrecorded} layers without sums");
        if (_lost.Count == 0)
        {
            await FigurePage.WriteAsync(page, "kills", figures);
        }
        foreach (var line in _lost.Take(20))
        {
            await output.WriteLineAsync(line);
        }
    }

    private string Log(int worker) => Path.Combine(Logs, $"w{worker}.log");

    private EmbeddedService Open() => EmbeddedService.Open(new EmbeddedOptions { HomeDirectory = Home });

    private async Task CleanUpAsync()
    {
        using (var service = Open())
        {
            await foreach (var session in service.ListSessionsAsync())
            {
                await service.RemoveSessionAsync(session, AgbReleaseMode.Discard);
            }
        }
        TreeRemover.Remove(_directory);
    }
}
