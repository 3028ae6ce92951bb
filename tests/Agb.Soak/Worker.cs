using System.Globalization;
using System.Text;

namespace Agb.Soak;

/// <summary>Edits its own directory of a context in sessions of its own, syncs and releases, and changes files of the same context
/// without a session, and of one that has the worker's name, until it is killed or told to stop.</summary>
internal sealed class Worker(string home, string context, string name, int seed, string log)
{
    private const string Mount = "/data";

    private readonly Random _random = new(seed);
    private readonly Journal _journal = new(log);

    /// <summary>Works until the file STOP lies beside the log.</summary>
    /// <returns>0, or 1 when the engine refused something.</returns>
    internal async Task<int> RunAsync()
    {
        using var service = EmbeddedService.Open(new EmbeddedOptions { HomeDirectory = home });
        var stop = Path.Combine(Path.GetDirectoryName(log)!, "STOP");
        try
        {
            await EndOldSessionAsync(service);
            var changers = new[]
            {
                new Changer(service, context, $"{Mount}/{name}-files", isOwn: false, _random, FilesLog(log)),
                new Changer(service, name, "/", isOwn: true, _random, OwnLog(log)),
            };
            foreach (var changer in changers)
            {
                await changer.BeginAsync();
            }
            while (!File.Exists(stop))
            {
                // Before a session, and while one has the context mounted.
                await StepAsync(changers);
                await RunSessionAsync(service, () => StepAsync(changers));
            }
            return 0;
        }
        catch (AgbException e)
        {
            _journal.Failed(e.ToString());
            return 1;
        }
    }

    /// <summary>The journal of changes without a session in the context that workers share.</summary>
    internal static string FilesLog(string log) => log + ".files";

    /// <summary>The journal of the worker's own context.</summary>
    internal static string OwnLog(string log) => log + ".own";

    private async Task StepAsync(Changer[] changers)
    {
        for (var i = _random.Next(4); i > 0; i--)
        {
            await changers[_random.Next(changers.Length)].StepAsync();
        }
    }

    private async Task RunSessionAsync(EmbeddedService service, Func<Task> between)
    {
        var session = await service.CreateSessionAsync(
            new AgbSessionRequest { ContextSyncs = [new AgbContextSync { ContextId = (await service.FindContextAsync(context)).Id, Path = Mount }] });
        _journal.Began(session.SessionId);
        for (var i = _random.Next(1, 5); i > 0; i--)
        {
            await EditAsync(service, session.SessionId);
            await between();
            if (_random.Next(3) > 0)
            {
                await service.StartSyncAsync(session, new AgbSyncRequest());
                var tasks = await service.WaitSyncAsync(session, TimeSpan.FromMinutes(2));
                var upload = tasks.Single(t => t.TaskType == AgbSyncTaskType.Upload);
                if (upload.Status != AgbSyncTaskStatus.Success)
                {
                    throw new AgbException(AgbErrorIds.SyncFailed, AgbErrorKind.Failed, upload.ErrorMessage ?? "no reason");
                }
                _journal.Acknowledged("sync");
            }
        }
        await service.RemoveSessionAsync(session);
        _journal.Acknowledged("release");
        _journal.Ended();
    }

    /// <summary>The session of a process that was killed goes on, and is released by this one. What its last command still did, nobody
    /// knows; all of it was announced.</summary>
    private async Task EndOldSessionAsync(EmbeddedService service)
    {
        if (Model.Of(log).Session is not { } old)
        {
            return;
        }
        try
        {
            await service.RemoveSessionAsync(new SessionId(old));
        }
        catch (AgbException e) when (e.ErrorId is AgbErrorIds.SessionNotFound or AgbErrorIds.SessionExpired)
        {
            // Its release had begun, and recovery has finished it.
        }
        _journal.Ended();
    }

    private async Task EditAsync(EmbeddedService service, string sessionId)
    {
        var script = new StringBuilder($"set -e; mkdir -p {Mount}/{name}; cd {Mount}/{name}\n");
        for (var i = _random.Next(1, 12); i > 0; i--)
        {
            var directory = $"d{_random.Next(4)}";
            var path = $"{directory}/f{_random.Next(6)}";
            if (_random.Next(4) == 0)
            {
                _journal.Edit(path, null);
                script.Append(CultureInfo.InvariantCulture, $"rm -f {path}\n");
            }
            else if (_random.Next(8) == 0)
            {
                // The directory is replaced, and everything in it but one file.
                var value = _random.Next(1_000_000);
                for (var f = 0; f < 6; f++)
                {
                    _journal.Edit($"{directory}/f{f}", null);
                }
                _journal.Edit(path, value);
                script.Append(CultureInfo.InvariantCulture, $"rm -rf {directory}; mkdir {directory}; echo {value} > {path}\n");
            }
            else
            {
                var value = _random.Next(1_000_000);
                _journal.Edit(path, value);
                script.Append(CultureInfo.InvariantCulture, $"mkdir -p {directory}; echo {value} > {path}.new; mv {path}.new {path}\n");
            }
        }
        var result = await service.RunCommandAsync(new SessionId(sessionId), new AgbCommandRequest { Command = script.ToString() });
        if (result.ExitCode != 0)
        {
            throw new AgbException(AgbErrorIds.CommandFailed, AgbErrorKind.Failed, $"An edit failed: {result.Output}");
        }
        _journal.Edited();
    }
}
