using System.Text;

namespace Agb.Soak.PowerCuts;

/// <summary>The load while the power is cut: sessions that write, sync and are released, on overlays and on copies; changes of
/// files without a session; restores. Few versions are kept, so that layers are collected all the time.</summary>
internal sealed class CutLoad(string home, int seed, CutJournal journal) : IDisposable
{
    private const string Shared = "shared";
    private const string History = "history";

    private readonly EmbeddedService _overlays = Open(home, MountKind.Auto);
    private readonly EmbeddedService _copies = Open(home, MountKind.Copy);

    /// <summary>The first error of the load, which ends it.</summary>
    internal Exception? Failure { get; private set; }

    /// <summary>Makes the contexts.</summary>
    internal async Task BeginAsync()
    {
        await _overlays.CreateContextAsync(Shared);
        await _overlays.CreateContextAsync(History);
    }

    /// <summary>Works until it is told to stop.</summary>
    internal Task RunAsync(CancellationToken stop)
    {
        var mark = 0;
        return Task.WhenAll(
            Repeat(random => SessionAsync(_overlays, "w0", random, stop)),
            Repeat(random => SessionAsync(_overlays, "w1", random, stop)),
            Repeat(random => SessionAsync(_copies, "w2", random, stop)),
            Repeat(ChangeAsync),
            Repeat(RestoreAsync));

        Task Repeat(Func<Random, Task> step)
        {
            var random = new Random(seed + (++mark * 1000));
            return Task.Run(async () =>
            {
                try
                {
                    while (!stop.IsCancellationRequested && Failure is null)
                    {
                        await step(random);
                    }
                }
                catch (Exception e)
                {
                    Failure ??= e;
                }
            });
        }
    }

    /// <summary>Ends all sessions.</summary>
    internal async Task EndAsync()
    {
        await foreach (var session in _overlays.ListSessionsAsync())
        {
            await _overlays.RemoveSessionAsync(session, AgbReleaseMode.Discard);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _overlays.Dispose();
        _copies.Dispose();
    }

    /// <summary>Opens a service that keeps three versions.</summary>
    internal static EmbeddedService Open(string home, MountKind kind) => EmbeddedService.Open(
        new EmbeddedOptions { HomeDirectory = home, MountKind = kind, KeepVersions = 3, KeepVersionsFor = TimeSpan.Zero });

    private async Task SessionAsync(EmbeddedService service, string name, Random random, CancellationToken stop)
    {
        Slot[] slots = [new(Shared, $"/data/{name}/pair", 2), new(Shared, $"/data/{name}/many", 200)];
        var session = await service.CreateSessionAsync(new AgbSessionRequest
        {
            ContextSyncs = [new AgbContextSync { ContextId = (await service.FindContextAsync(Shared, stop)).Id, Path = "/data" }], MaxLifetime = TimeSpan.FromMinutes(30),
        });
        for (var i = random.Next(1, 5); i > 0 && !stop.IsCancellationRequested; i--)
        {
            var slot = slots[random.Next(4) == 0 ? 1 : 0];
            var value = random.Next(1_000_000);
            journal.Begin(slot, value);
            var result = await service.RunCommandAsync(session, new AgbCommandRequest { Command = slot.Script(value) });
            if (result.ExitCode != 0)
            {
                throw new InvalidOperationException($"An edit failed: {result.Output}");
            }
            if (random.Next(3) > 0)
            {
                await SyncAsync(service, session.SessionId);
                Array.ForEach(slots, journal.Acknowledge);
            }
        }
        var isGivenUp = random.Next(5) == 0;
        await service.RemoveSessionAsync(session, isGivenUp ? AgbReleaseMode.Discard : AgbReleaseMode.Policy);
        Array.ForEach(slots, isGivenUp ? journal.GiveUp : journal.Acknowledge);
    }

    private static async Task SyncAsync(EmbeddedService service, string sessionId)
    {
        await service.StartSyncAsync(new SessionId(sessionId), new AgbSyncRequest());
        var tasks = await service.WaitSyncAsync(new SessionId(sessionId), TimeSpan.FromMinutes(2));
        if (tasks.Single(t => t.TaskType == AgbSyncTaskType.Upload) is { Status: not AgbSyncTaskStatus.Success } failed)
        {
            throw new InvalidOperationException($"A sync failed: {failed.ErrorMessage}");
        }
    }

    private Task ChangeAsync(Random random) => PutAsync(new Slot(Shared, "/files", 2), random.Next(1_000_000));

    /// <summary>A version of a context of its own is restored, and another made.</summary>
    private async Task RestoreAsync(Random random)
    {
        var slot = new Slot(History, "/files", 2);
        var values = new Dictionary<long, int>();
        for (var i = 0; i < 3; i++)
        {
            var value = random.Next(1_000_000);
            values[(await PutAsync(slot, value)).Version] = value;
        }
        // Nobody else makes versions of it, and the last three are kept.
        var (version, old) = values.ElementAt(random.Next(2));
        journal.Begin(slot, old);
        await _overlays.RestoreContextAsync(await _overlays.FindContextAsync(slot.Context), version);
        journal.Acknowledge(slot);
    }

    private async Task<AgbContextVersion> PutAsync(Slot slot, int value)
    {
        journal.Begin(slot, value);
        var content = Encoding.ASCII.GetBytes(slot.Content(value));
        var made = await _overlays.ChangeContextFilesAsync(await _overlays.FindContextAsync(slot.Context), Enumerable.Range(0, slot.Files).Select(
            i => new AgbContextFileChange.Put($"{slot.Directory}/f{i}", _ => Task.FromResult<Stream>(new MemoryStream(content)))).ToAsyncEnumerable<AgbContextFileChange>());
        journal.Acknowledge(slot);
        return made!;
    }
}
