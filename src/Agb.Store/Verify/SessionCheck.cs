namespace Agb.Store;

/// <summary>Checks whether the changes of running sessions can be uploaded. Sessions locked by a process are skipped.</summary>
internal sealed class SessionCheck(StorePaths paths, CatalogDb catalog, CatalogSnapshot snapshot, Findings found)
{
    internal void Run()
    {
        foreach (var session in snapshot.Sessions.Values.Where(s => s.Status is AgbSessionStatus.Running or AgbSessionStatus.Suspended or AgbSessionStatus.Failed))
        {
            if (ProcessOwner.BootOf(session.Owner) is { } boot && boot != ProcessTable.ReadBootId())
            {
                // Losses by a power cut are no damage: the engine never uploads such files unasked.
                continue;
            }
            if (!Directory.Exists(paths.Session(session.Id)))
            {
                // Never started, or ended by a power cut: the engine forgets it.
                continue;
            }
            using var sessionLock = SessionLocks.TryAcquire(paths, catalog, session.Id);
            if (sessionLock is not null && !ForkLayers.Noted(paths).Any(n => n.SessionId == session.Id) && Directory.Exists(paths.Session(session.Id)))
            {
                CheckForks(session);
                // Read under the lock: uploads may have replaced the snapshot's records.
                foreach (var mount in catalog.Read(tx => MountsOf(tx, session.Id)))
                {
                    Check(mount);
                }
            }
        }
    }

    private static List<MountRow> MountsOf(CatalogTransaction tx, string sessionId) =>
        SessionTable.Find(tx, sessionId) is { Status: AgbSessionStatus.Running or AgbSessionStatus.Suspended or AgbSessionStatus.Failed } ? MountTable.OfSession(tx, sessionId) : [];

    private void CheckForks(SessionRow session)
    {
        foreach (var (part, layers) in catalog.Read(tx => ForkTable.OfSession(tx, session.Id)))
        {
            foreach (var id in LayerStack.Parse(layers).Where(id => !Directory.Exists(Path.Combine(paths.Fork(id), part))))
            {
                found.Add(Findings.Of(AgbStoreProblemKind.SessionTreeMissing, $"forks/{id}/{part}", "a fork layer of the session", "nothing") with { SessionId = session.Id });
            }
        }
    }

    private void Check(MountRow mount)
    {
        var directory = paths.Mount(mount.SessionId, mount.Name);
        var tree = mount.Kind == MountKind.Copy ? "data" : "upper";
        if (!Directory.Exists(Path.Combine(directory, tree)) && !HasMarker(mount.SessionId))
        {
            found.Add(Of(mount, AgbStoreProblemKind.SessionTreeMissing, tree, "the session's file tree", "nothing"));
            return;
        }
        var given = paths.PolicyLayer(mount.SessionId, mount.Name);
        if (new DirectoryInfo(given).LinkTarget is { } target && !Directory.Exists(given))
        {
            found.Add(Of(mount, AgbStoreProblemKind.SessionTreeMissing, "", "the session's unpacked archives", "a link to nothing") with { Path = $"sessions/{mount.SessionId}/{Path.GetFileName(given)}" });
        }
        var manifest = mount.Manifest is { } layer ? "manifest." + layer : mount.Kind == MountKind.Copy ? "manifest.first" : null;
        if (manifest is null)
        {
            return;
        }
        try
        {
            Manifest.Load(Path.Combine(directory, manifest));
        }
        catch (AgbException e) when (e.ErrorId == AgbErrorIds.StoreCorrupt)
        {
            found.Add(Of(mount, AgbStoreProblemKind.SessionRecordDamaged, manifest, "the record of the last upload", e.InnerException?.Message ?? "other content"));
        }
    }

    // A process that died during a release may have moved the tree into a layer; recovery moves it back.
    private bool HasMarker(string sessionId) => Directory.Exists(paths.Staging) && Directory.EnumerateFileSystemEntries(paths.Staging, "*.owner")
        .Any(m => new FileInfo(m).LinkTarget is { } text && StagingOwner.Parse(text)?.SessionId == sessionId);

    private AgbStoreProblem Of(MountRow mount, AgbStoreProblemKind kind, string file, string expected, string isThere) => new()
    {
        Kind = kind,
        Context = snapshot.Contexts.TryGetValue(mount.ContextId, out var context) ? context.Name : mount.ContextId,
        SessionId = mount.SessionId,
        Path = $"sessions/{mount.SessionId}/{mount.Name}/{file}",
        Expected = expected,
        Found = isThere,
    };
}
