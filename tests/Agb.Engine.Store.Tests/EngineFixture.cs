namespace Agb.Engine.Store.Tests;

/// <summary>An embedded service in a directory of its own, removed with all its sessions afterwards.</summary>
public sealed class EngineFixture : IAsyncDisposable
{
    private readonly TimeProvider _time;

    private EngineFixture(MountKind kind, TimeProvider? time)
    {
        Kind = kind;
        _time = time ?? TimeProvider.System;
        Home = Directory.CreateTempSubdirectory("agb-store-tests-").FullName;
        Service = Open();
    }

    internal MountKind Kind { get; }

    internal string Home { get; }

    internal EmbeddedService Service { get; private set; }

    /// <summary>Makes the fixture, or skips the test with the reason why this host can't run sessions.</summary>
    internal static async Task<EngineFixture> CreateAsync(MountKind kind, TimeProvider? time = null)
    {
        var fixture = new EngineFixture(kind, time);
        if (await TestHost.WhyNotAsync(fixture.Home) is { } reason)
        {
            await fixture.DisposeAsync();
            Assert.Skip(reason);
        }
        return fixture;
    }

    /// <summary>A service on the same directory, as another process would open it.</summary>
    internal EmbeddedService Open() => PreparedSessions.Open(new EmbeddedOptions { HomeDirectory = Home, MountKind = Kind, TimeProvider = _time });

    /// <summary>Closes the service and opens another, which recovers what the last one left.</summary>
    internal void Reopen()
    {
        Service.Dispose();
        Service = Open();
    }

    internal async Task<AgbSession> SessionAsync(string contextId, string path = "/data", AgbSyncPolicy? policy = null) =>
        await Service.CreateSessionAsync(
            new AgbSessionRequest
            {
                ContextSyncs = [new AgbContextSync { ContextId = contextId, Path = path, Policy = policy ?? new AgbSyncPolicy() }],
            },
            TestContext.Current.CancellationToken);

    internal async Task<string> RunAsync(AgbSession session, string command)
    {
        var result = await Service.RunCommandAsync(
            session, new AgbCommandRequest { Command = command }, TestContext.Current.CancellationToken);
        result.ExitCode.ShouldBe(0, $"{command}\n{result.Output}");
        return result.Stdout;
    }

    internal async Task<IReadOnlyList<AgbSyncStatus>> SyncAsync(AgbSession session, AgbSyncTaskType mode = AgbSyncTaskType.Upload)
    {
        await Service.StartSyncAsync(session, new AgbSyncRequest { Mode = mode }, TestContext.Current.CancellationToken);
        var tasks = await Service.WaitSyncAsync(
            session, TimeSpan.FromMinutes(2), cancellationToken: TestContext.Current.CancellationToken);
        tasks.Where(t => t.Status == AgbSyncTaskStatus.Failed).Select(t => t.ErrorMessage).ShouldBeEmpty();
        return tasks;
    }

    internal Task RemoveAsync(AgbSession session) =>
        Service.RemoveSessionAsync(session, cancellationToken: TestContext.Current.CancellationToken);

    /// <summary>What the newest version of a context holds.</summary>
    internal SortedDictionary<string, string> Content(string contextId) => ContextSnapshot.Read(Service, contextId);

    public async ValueTask DisposeAsync()
    {
        await foreach (var session in Service.ListSessionsAsync())
        {
            await Service.RemoveSessionAsync(session, AgbReleaseMode.Discard);
        }
        Service.Dispose();
        TreeRemover.Remove(Home);
    }
}
