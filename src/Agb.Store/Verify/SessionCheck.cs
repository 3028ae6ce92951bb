namespace Agb.Store;

/// <summary>Checks that what running sessions changed can be uploaded. A session that a process is working on is left alone.</summary>
internal sealed class SessionCheck(StorePaths paths, CatalogDb catalog, CatalogSnapshot snapshot, Findings found)
{
    internal void Run()
    {
        foreach (var session in snapshot.Sessions.Values.Where(s => s.Status is AgbSessionStatus.Running or AgbSessionStatus.Failed))
        {
            if (ProcessOwner.BootOf(session.Owner) is { } boot && boot != ProcessTable.ReadBootId())
            {
                // What a power cut took of it is no damage: nothing is uploaded from its files unasked.
                continue;
            }
            if (!Directory.Exists(paths.Session(session.Id)))
            {
                // Never started, or ended by a power cut: the engine forgets it.
                continue;
            }
            using var sessionLock = SessionLocks.TryAcquire(paths, catalog, session.Id);
            if (sessionLock is not null && Directory.Exists(paths.Session(session.Id)))
            {
                // Read under the lock: uploads meanwhile have replaced the records that the snapshot names.
                foreach (var mount in catalog.Read(tx => MountsOf(tx, session.Id)))
                {
                    Check(mount);
                }
            }
        }
    }

    private static List<MountRow> MountsOf(CatalogTransaction tx, string sessionId) =>
        SessionTable.Find(tx, sessionId) is { Status: AgbSessionStatus.Running or AgbSessionStatus.Failed } ? MountTable.OfSession(tx, sessionId) : [];

    private void Check(MountRow mount)
    {
        var directory = paths.Mount(mount.SessionId, mount.Name);
        var tree = mount.Kind == MountKind.Copy ? "data" : "upper";
        if (!Directory.Exists(Path.Combine(directory, tree)) && !HasMarker(mount.SessionId))
        {
            found.Add(Of(mount, AgbStoreProblemKind.SessionTreeMissing, tree, "the tree that the session changes", "nothing"));
            return;
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

    // A process that died over a release may have moved the tree into a layer; recovery brings it back.
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
