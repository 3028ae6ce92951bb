using Agb.Engine;
using Agb.Engine.Store;

// Carries out one operation of the embedded service and kills this process with SIGKILL when it comes to a given point,
// so that a test can see what a dead process leaves behind.
// Arguments: AGB_HOME, sync|release|compact, session or context id, fault point, Overlay|Copy.
var (home, operation, id, point) = (args[0], args[1], args[2], args[3]);
FaultPoint.Handler = reached =>
{
    if (reached == point)
    {
        // Process.Kill sends SIGKILL, which nothing can handle: the process ends within this call.
        System.Diagnostics.Process.GetCurrentProcess().Kill();
        Thread.Sleep(Timeout.Infinite);
    }
};
using var service = EmbeddedService.Open(new EmbeddedOptions { HomeDirectory = home, MountKind = Enum.Parse<MountKind>(args[4]) });
switch (operation)
{
    case "sync":
        await service.StartSyncAsync(id, new Agb.AgbSyncRequest());
        await service.WaitSyncAsync(id, TimeSpan.FromMinutes(1));
        break;
    case "release":
        await service.RemoveSessionAsync(id);
        break;
    case "compact":
        service.Parts.Compactor.CompactIfDeep(id, CancellationToken.None);
        break;
    default:
        throw new ArgumentException($"Not an operation: {operation}");
}
Console.WriteLine("completed");
