using Agb.Engine.CrashHost;
using Agb.Engine.CrashHost.Fixtures;
using Agb;
using Agb.Testing;

if (args is ["fixture", var name, var directory])
{
    await FixtureCommand.RunAsync(name, directory);
    return;
}
// Carries out one operation of the embedded service and kills this process with SIGKILL when it comes to a given point
// for the given time, so that a test can see what a dead process leaves behind.
// Arguments: AGB_HOME, sync|download|suspend|resume|release|release-sync|release-discard|fork, session id, or
// create|change|clear|settle|restore|two-days-later, context id, or mount, session and context id with a comma between, or dismount|switch, session id, or prepared, context id; then fault point, occurrence (1 is the first), Overlay|Copy.
var (home, operation, sessionId, point) = (args[0], args[1], args[2], args[3]);
var left = int.Parse(args[4], System.Globalization.CultureInfo.InvariantCulture);
if (Environment.GetEnvironmentVariable("AGB_TEST_LARGE_FILE") is { } least)
{
    LargeFiles.MinSize = long.Parse(least, System.Globalization.CultureInfo.InvariantCulture);
}
FaultPoint.Handler = reached =>
{
    if (reached == point && Interlocked.Decrement(ref left) == 0)
    {
        // SIGKILL, which nothing can handle: the process ends within this call.
        System.Diagnostics.Process.GetCurrentProcess().Kill();
        Thread.Sleep(Timeout.Infinite);
    }
};
using var service = EmbeddedService.Open(new EmbeddedOptions { HomeDirectory = home, MountKind = Enum.Parse<MountKind>(args[5]), TimeProvider = operation == "two-days-later" ? TwoDaysLater() : TimeProvider.System,
    PreparedSandboxes = operation == "prepared" ? 1 : 0,
});
switch (operation)
{
    case "sync":
        await service.StartSyncAsync(new SessionId(sessionId), new AgbSyncRequest());
        await service.WaitSyncAsync(new SessionId(sessionId), TimeSpan.FromMinutes(1));
        break;
    case "download":
        await service.StartSyncAsync(new SessionId(sessionId), new AgbSyncRequest { Mode = AgbSyncTaskType.Download });
        await service.WaitSyncAsync(new SessionId(sessionId), TimeSpan.FromMinutes(1));
        break;
    case "suspend":
        await service.SuspendSessionAsync(new SessionId(sessionId));
        break;
    case "resume":
        await service.ResumeSessionAsync(new SessionId(sessionId));
        break;
    case "release":
        await service.RemoveSessionAsync(new SessionId(sessionId));
        break;
    case "release-sync":
        await service.RemoveSessionAsync(new SessionId(sessionId), AgbReleaseMode.Upload);
        break;
    case "release-discard":
        await service.RemoveSessionAsync(new SessionId(sessionId), AgbReleaseMode.Discard);
        break;
    case "fork":
        await service.ForkSessionAsync(new SessionId(sessionId), 2);
        break;
    case "create":
        await service.CreateSessionAsync(new AgbSessionRequest
        {
            ContextSyncs = [new AgbContextSync { ContextId = sessionId, Path = (await service.GetContextPathsAsync(new ContextId(sessionId)))[0] }],
        });
        break;
    case "prepared":
        while (true)
        {
            // The second create takes the sandbox that was prepared after the first.
            await service.CreateSessionAsync(new AgbSessionRequest { ContextSyncs = [new AgbContextSync { ContextId = sessionId, Path = "/data" }] });
            while (service.Prepared.Ready == 0)
            {
                await Task.Delay(20);
            }
        }
    case "change":
        await service.ChangeContextFilesAsync(new ContextId(sessionId), CrashChange.All.ToAsyncEnumerable());
        break;
    case "settle":
        service.Parts.LargeSettler.Settle(sessionId, CancellationToken.None);
        break;
    case "clear":
        await service.ClearContextAsync(new ContextId(sessionId));
        break;
    case "restore":
        await service.RestoreContextAsync(new ContextId(sessionId), 1);
        break;
    case "mount":
        var ids = sessionId.Split(',');
        await service.MountContextAsync(new SessionId(ids[0]), new AgbMountRequest { Sync = new AgbContextSync { ContextId = ids[1], Path = "/data" } });
        break;
    case "dismount":
        await service.DismountContextAsync(new SessionId(sessionId), new AgbMountChange { Path = "/data" });
        break;
    case "switch":
        await service.SwitchContextAsync(new SessionId(sessionId), new AgbMountChange { Path = "/data", Version = 1 });
        break;
    case "two-days-later":
        await foreach (var version in service.ListContextVersionsAsync(new ContextId(sessionId)))
        {
            Console.WriteLine(version.Version);
        }
        break;
    default:
        throw new ArgumentException($"Not an operation: {operation}");
}

static TestClock TwoDaysLater()
{
    var clock = new TestClock();
    clock.Advance(TimeSpan.FromDays(2));
    return clock;
}
