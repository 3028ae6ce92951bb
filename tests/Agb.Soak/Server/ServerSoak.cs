using System.Diagnostics;
using System.Globalization;
using Agb.Cloud;

namespace Agb.Soak.Server;

/// <summary>Drives a server with more clients than it serves at a time, and looks what is left when all is released.</summary>
/// <param name="length">For how long.</param>
/// <param name="clients">How many clients.</param>
/// <param name="seed">What decides.</param>
/// <param name="handles">The most files that the server may have open; null for limits of calls instead.</param>
/// <param name="page">The page of docs that gets the figures, or null.</param>
internal sealed class ServerSoak(TimeSpan length, int clients, int seed, int? handles, string? page)
{
    private const string FirstKey = "soak-key-0123456789";

    // Handles that a server may have more than before: connections of catalogs and threads come and go.
    private const int HandleSlack = 24;

    private const double MemorySlackMiB = 96;

    private readonly string _data = Directory.CreateTempSubdirectory("agb-server-soak-").FullName;
    private readonly List<string> _faults = [];

    internal async Task<int> RunAsync(TextWriter output)
    {
        try
        {
            string[] keys = [FirstKey, await ServerProcess.AddKeyAsync(_data, "second")];
            await using var server = await ServerProcess.StartAsync(_data, handles, Options());
            await output.WriteLineAsync(FormattableString.Invariant($"seed {seed}, {clients} clients, {length.TotalSeconds} s; serve {string.Join(' ', Options()[2..])}{(handles is { } files ? $", {files} open files" : "")}"));
            // What a server makes once, such as its connections to the catalogs, is there after that.
            var warmUp = new Tally();
            await DriveAsync(server, keys, length / 4, seed + 1, warmUp);
            await ReleaseAllAsync(server, keys);
            var before = await ServerState.SettledAsync(server, _ => true);

            var (tally, clock) = (new Tally(), Stopwatch.StartNew());
            var most = await DriveAsync(server, keys, length, seed, tally);
            var elapsed = clock.Elapsed;
            var left = await ReleaseAllAsync(server, keys);
            var after = await ServerState.SettledAsync(server, s => s.HandleCount <= before.HandleCount + HandleSlack);

            if (warmUp.Unexpected > 0)
            {
                await warmUp.PrintAsync(output, length / 4);
            }
            await tally.PrintAsync(output, elapsed);
            await PrintAsync(output, server, most, left, before, after);
            Judge(server, warmUp, tally, most, before, after);
            var figures = tally.ToTable(elapsed) + "\n\n" + ToTable(server, most, before, after);
            await StopAsync(server);
            foreach (var fault in _faults)
            {
                await output.WriteLineAsync("FAULT " + fault);
            }
            if (_faults.Count > 0)
            {
                return 1;
            }
            await FigurePage.WriteAsync(page, "server-load", figures);
            return 0;
        }
        finally
        {
            TreeRemover.Remove(_data);
        }
    }

    /// <summary>Limits that so many clients run into.</summary>
    private string[] Options()
    {
        string Part(double part) => Math.Max(2, (int)(clients * part)).ToString(CultureInfo.InvariantCulture);
        return handles is not null
            ? ["--api-key", FirstKey, "--max-sessions", Part(0.75), "--requests-per-second", "0"]
            :
        [
            "--api-key", FirstKey, "--max-sessions", Part(0.75), "--max-sessions-per-owner", Part(0.45),
            "--max-calls", Part(0.25), "--max-calls-per-owner", Part(0.15), "--requests-per-second", "400",
        ];
    }

    /// <summary>Lets the clients work for a time, and end what they have begun.</summary>
    /// <returns>The most that was seen of sessions meanwhile.</returns>
    private async Task<Leftovers> DriveAsync(ServerProcess server, string[] keys, TimeSpan time, int seedOfRun, Tally tally)
    {
        var random = new Random(seedOfRun);
        var owners = await Task.WhenAll(keys.Select(k => PrepareAsync(server, k)));
        var workers = Enumerable.Range(0, clients).Select(i =>
        {
            var (key, context, language) = owners[i % owners.Length];
            return new SoakClient(server.Url, key, context, language, i, random.Next(), tally);
        }).ToArray();
        try
        {
            using var stop = new CancellationTokenSource(time);
            var working = Task.WhenAll(workers.Select(w => w.RunAsync(stop.Token)));
            var most = Leftovers.Of(server.Id, server.Data);
            while (await Task.WhenAny(working, Task.Delay(1000)) != working)
            {
                var now = Leftovers.Of(server.Id, server.Data);
                most = now.Processes.Count > most.Processes.Count ? now : most;
                if (server.HasEnded)
                {
                    throw new InvalidOperationException("The server has ended.");
                }
            }
            await working;
            return most;
        }
        finally
        {
            foreach (var worker in workers)
            {
                worker.Dispose();
            }
        }
    }

    /// <summary>Makes an owner's context, and finds a language that its sessions have.</summary>
    private static async Task<(string Key, string Context, AgbCodeLanguage? Language)> PrepareAsync(ServerProcess server, string key)
    {
        using var service = Connect(server, key);
        var context = await service.CreateContextAsync("soak", getExisting: true);
        var session = await service.CreateSessionAsync(new AgbSessionRequest());
        AgbCodeLanguage? found = null;
        foreach (var (language, code) in new[] { (AgbCodeLanguage.Python, "pass"), (AgbCodeLanguage.Javascript, "1") })
        {
            try
            {
                await service.RunCodeAsync(session, new AgbCodeRequest { Code = code, Language = language });
                found = language;
                break;
            }
            catch (AgbException e) when (e.ErrorId == AgbErrorIds.LanguageNotFound)
            {
                // The next one, or none.
            }
        }
        await service.RemoveSessionAsync(session);
        return (key, context.Id, found);
    }

    /// <summary>Releases what clients have left behind and its idle time has not ended yet.</summary>
    private static async Task<int> ReleaseAllAsync(ServerProcess server, string[] keys)
    {
        var count = 0;
        foreach (var key in keys)
        {
            using var service = Connect(server, key);
            await foreach (var session in service.ListSessionsAsync())
            {
                try
                {
                    await service.RemoveSessionAsync(session);
                    count++;
                }
                catch (AgbException e) when (e.ErrorId is AgbErrorIds.SessionNotFound or AgbErrorIds.SessionExpired)
                {
                    // Its idle time was over.
                }
            }
        }
        return count;
    }

    private static AgbCloudService Connect(ServerProcess server, string key) => new(new AgbCloudOptions { Endpoint = server.Url.ToString(), ApiKey = key });

    private static async Task PrintAsync(TextWriter output, ServerProcess server, Leftovers most, int left, ServerState before, ServerState after)
    {
        static string Line(FormattableString text) => FormattableString.Invariant(text);
        await output.WriteLineAsync(Line($"at most {most.Processes.Count} processes and {most.Mounts.Count} mounts of sessions were seen; {left} sessions that clients had left were released at the end"));
        await output.WriteLineAsync($"{"",-12} {"before",8} {"after",8}");
        await output.WriteLineAsync(Line($"{"RSS MiB",-12} {before.ResidentMiB,8:0} {after.ResidentMiB,8:0}   (peak {server.PeakMiB:0})"));
        await output.WriteLineAsync(Line($"{"threads",-12} {before.Threads,8} {after.Threads,8}"));
        await output.WriteLineAsync(Line($"{"handles",-12} {before.HandleCount,8} {after.HandleCount,8}   ({Show(before)} | {Show(after)})"));
        await output.WriteLineAsync(Line($"left: {after.Left.Processes.Count} processes, {after.Left.Mounts.Count} mounts, {after.Left.Directories.Count} directories"));
    }

    private static string ToTable(ServerProcess server, Leftovers most, ServerState before, ServerState after) => string.Create(CultureInfo.InvariantCulture, $"""
        | | before | after |
        |---|---|---|
        | memory (RSS) | {before.ResidentMiB:0} MiB | {after.ResidentMiB:0} MiB ({server.PeakMiB:0} at most) |
        | open files | {before.HandleCount} | {after.HandleCount} |
        | threads | {before.Threads} | {after.Threads} |
        | sessions' processes, mounts, directories | 0 | {after.Left.Processes.Count + after.Left.Mounts.Count + after.Left.Directories.Count} (at most {most.Processes.Count} processes and {most.Mounts.Count} mounts meanwhile) |
        """);

    private static string Show(ServerState state) => string.Join(", ", state.Handles.Select(h => FormattableString.Invariant($"{h.Key} {h.Value}")));

    private void Judge(ServerProcess server, Tally warmUp, Tally tally, Leftovers most, ServerState before, ServerState after)
    {
        Fault(tally.Done == 0 || most.Processes.Count == 0 || most.Mounts.Count == 0, "nothing was seen to run, so that nothing is left says nothing");
        Fault(tally.Refused == 0, "no limit was reached");
        Fault(warmUp.Unexpected + tally.Unexpected > 0, $"{warmUp.Unexpected} unexpected errors while warming up, {tally.Unexpected} after that");
        Fault(after.HandleCount > before.HandleCount + HandleSlack, "handles are leaked");
        Fault(after.ResidentMiB > before.ResidentMiB + MemorySlackMiB, "memory is leaked");
        Fault(!after.Left.IsNothing, "left: " + string.Join("; ", after.Left.Processes.Concat(after.Left.Mounts).Concat(after.Left.Directories).Take(10)));
        foreach (var line in server.Failures.Take(10))
        {
            Fault(true, line);
        }
    }

    /// <summary>Stops the server, and compares each store with what its catalog says.</summary>
    private async Task StopAsync(ServerProcess server)
    {
        var exitCode = await server.StopAsync();
        Fault(exitCode != 0, $"the server ended with exit code {exitCode}");
        foreach (var store in Directory.EnumerateDirectories(Path.Combine(_data, "owners")))
        {
            var report = await AgbStore.CheckAsync(store, new AgbStoreCheckOptions { Deep = true });
            report.Problems.Select(p => p.ToString()).ToList().ForEach(p => Fault(true, p));
        }
    }

    private void Fault(bool isOne, string what)
    {
        if (isOne)
        {
            _faults.Add(what);
        }
    }
}
