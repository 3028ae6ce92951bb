namespace Agb.Engine;

/// <summary>Finishes or undoes a dead process's change of the mounts of a running session. The caller holds the session's lock.</summary>
internal sealed class MountRecovery(StorePaths paths, CatalogDb catalog, ISandboxMounts mounts)
{
    /// <summary>Completes the changes of all sessions with a free lock.</summary>
    internal void Recover()
    {
        foreach (var session in catalog.Read(SessionTable.Live).Where(s => s.Status == AgbSessionStatus.Running))
        {
            if (catalog.Read(tx => MountTable.AllOfSession(tx, session.Id)).Exists(m => m.Step is not null))
            {
                using var free = SessionLocks.TryAcquire(paths, catalog, session.Id);
                if (free is not null)
                {
                    Run(session.Id);
                }
            }
        }
    }

    /// <summary>Completes each change by its noted step, and by the mounts that the kernel has.</summary>
    internal void Run(string sessionId)
    {
        var (rows, sandbox) = catalog.Read(tx => (MountTable.AllOfSession(tx, sessionId), SessionTable.Find(tx, sessionId)?.Handle()));
        if (rows.TrueForAll(r => r.Step is null))
        {
            return;
        }
        var running = sandbox is { IsAlive: true } ? sandbox : null;
        foreach (var row in rows.Where(r => r.Step == MountStep.Preparing || (r.Step == MountStep.Attaching && running is not null && !IsPresent(running, r))))
        {
            Drop(row);
        }
        // Of an ended session: its directory is complete, and what programs wrote after a switch is in it.
        foreach (var row in rows.Where(r => r.Step == MountStep.Attaching))
        {
            Finish(row);
        }
        foreach (var row in catalog.Read(tx => MountTable.AllOfSession(tx, sessionId)))
        {
            if (row.Step == MountStep.Frozen)
            {
                Thaw(running, row);
            }
            else if (row.Step == MountStep.Leaving)
            {
                Leave(running, row);
            }
        }
    }

    /// <summary>Notes that a mount is in its place, and that the one it replaced leaves.</summary>
    internal void Finish(MountRow row) => catalog.WriteLazily(tx =>
    {
        var all = MountTable.AllOfSession(tx, row.SessionId);
        if (all.Find(m => m.Name == row.Name) is null)
        {
            return;
        }
        MountTable.SetStep(tx, row, null);
        foreach (var replaced in all.Where(m => m.Path == row.Path && m.Name != row.Name && m.Step is null or MountStep.Frozen))
        {
            MountTable.SetStep(tx, replaced, MountStep.Leaving);
        }
    });

    /// <summary>Makes a frozen mount writable again.</summary>
    internal void Thaw(SandboxHandle? running, MountRow row)
    {
        if (running is not null && IsPresent(running, row))
        {
            mounts.TrySetReadOnly(running, paths.Session(row.SessionId), row.Name, isReadOnly: false);
        }
        catalog.WriteLazily(tx => MountTable.SetStep(tx, row, null));
    }

    /// <summary>Takes a mount away, and removes it unless a program uses it. Otherwise it stays until the session's end: the row keeps its
    /// layers for that program.</summary>
    internal void Leave(SandboxHandle? running, MountRow row)
    {
        var isUnused = running is null;
        if (running is not null && mounts.Read(running, paths.Session(row.SessionId)).FirstOrDefault(m => m.Name == row.Name) is { IsTop: true })
        {
            isUnused = mounts.Detach(running, paths.Session(row.SessionId), row.Name);
            FaultPoint.Reach(FaultPoint.MountDetached);
        }
        if (isUnused)
        {
            Drop(row);
        }
    }

    /// <summary>Removes a mount that is in no place.</summary>
    internal void Drop(MountRow row)
    {
        // Half removed, it must never be taken for the session's changes.
        catalog.WriteLazily(tx => MountTable.SetStep(tx, row, MountStep.Leaving));
        TreeRemover.Remove(paths.Mount(row.SessionId, row.Name));
        TreeRemover.Remove(paths.PolicyLayer(row.SessionId, row.Name));
        catalog.WriteLazily(tx => MountTable.Delete(tx, row));
    }

    private bool IsPresent(SandboxHandle running, MountRow row) =>
        mounts.Read(running, paths.Session(row.SessionId)).Any(m => m.Name == row.Name);
}
