namespace Agb.Engine;

/// <summary>Says whether a session's files are sound. Nothing of a session's tree is flushed before an upload: after a power cut files
/// may be empty, cut short or older than their times, and after a failed write too.</summary>
internal sealed class SessionTrees(EngineParts parts)
{
    /// <summary>Why the session's trees may be incomplete, as a clause; null when they are sound.</summary>
    internal string? Doubt(SessionRow row)
    {
        var boot = ProcessTable.ReadBootId();
        string?[] boots = [row.Handle()?.BootId, ProcessOwner.BootOf(row.Owner), LaunchRecord.TryRead(parts.Paths.Session(row.Id))?.BootId];
        var known = boots.Where(b => b is { Length: > 0 }).ToArray();
        // Where no boot is named, overlayfs's own mark tells that the tree was never flushed.
        var isEarlier = known.Length > 0 ? known.Any(b => b != boot) : HasVolatileMark(row);
        return isEarlier ? "the host was started again since"
            : File.Exists(parts.Paths.Unwritten(row.Id)) ? "the device reported a failed write while the session ran"
            : null;
    }

    /// <summary>Whether an upload by policy, or one begun before a power cut, would store files that may be incomplete.</summary>
    internal bool IsAtRisk(SessionRow row)
    {
        if (row.Status is not (AgbSessionStatus.Running or AgbSessionStatus.Releasing) || Doubt(row) is null)
        {
            return false;
        }
        var begun = row.Status == AgbSessionStatus.Releasing ? row.Release : null;
        return begun != ReleaseMode.Discard
            && MountsOf(row).Exists(m => (begun == ReleaseMode.Upload || m.Policy.Upload.AutoUpload) && HasTree(m));
    }

    /// <summary>Why the session is Failed: the doubt, and the durable versions.</summary>
    internal string Reason(SessionRow row, string doubt)
    {
        var versions = parts.Catalog.Read(tx => MountTable.OfSession(tx, row.Id)
            .Select(m => m.ContextId).Distinct().Select(id => ContextTable.ById(tx, id)).OfType<ContextRow>().ToArray());
        var durable = string.Join(", ", versions.Select(c => c.Head == 0 ? $"of '{c.Name}' none" : $"of '{c.Name}' {c.Head}"));
        return $"The session's files may be incomplete, because {doubt}; they are not uploaded by themselves. The newest durable version: {durable}. "
            + "A removal gives up the later changes. An upload that is asked for takes the entries that are provably whole, and lists the others.";
    }

    /// <summary>Whether the mount's tree is there: a session whose creation was cut off has none, and one that became a layer neither.</summary>
    internal bool HasTree(MountRow mount) =>
        Directory.Exists(Path.Combine(parts.Paths.Mount(mount.SessionId, mount.Name), parts.MountOf(mount.Kind).TreeName));

    /// <summary>Opens the overlays of a running session, which remember every write that failed since they were mounted: a volatile one
    /// answers each flush with it from then on (kernel documentation, filesystems/overlayfs, "Volatile mount").</summary>
    /// <returns>None when the session does not run.</returns>
    internal OpenOverlays OpenOverlays(SessionRow row)
    {
        var opened = new OpenOverlays(parts.Paths.Unwritten(row.Id));
        if (row.Handle() is { } sandbox && SandboxStopper.IsAlive(sandbox))
        {
            foreach (var mount in MountsOf(row).Where(m => parts.MountOf(m.Kind).IsOverlay))
            {
                opened.TryAdd(sandbox, mount.Path);
            }
        }
        return opened;
    }

    private List<MountRow> MountsOf(SessionRow row) => parts.Catalog.Read(tx => MountTable.OfSession(tx, row.Id));

    private bool HasVolatileMark(SessionRow row) => MountsOf(row).Exists(
        m => Directory.Exists(Path.Combine(parts.Paths.Mount(row.Id, m.Name), "work", "work", "incompat", "volatile")));
}

/// <summary>The overlays of one running session, open: they can be asked after its processes have ended too.</summary>
/// <param name="markFile">The file that keeps the answer.</param>
internal sealed class OpenOverlays(string markFile) : IDisposable
{
    private readonly List<Fd> _roots = [];

    /// <summary>Opens an overlay; one whose session ends meanwhile is left out.</summary>
    internal void TryAdd(SandboxHandle sandbox, string path)
    {
        try
        {
            _roots.Add(LiveTree.Open(sandbox, path));
        }
        catch (AgbException e) when (e.ErrorId == AgbErrorIds.SessionNotRunning)
        {
            // Nothing of it can be asked any more; the flush of an upload tells what the device still has to say.
        }
        catch (PosixException e) when (e.Errno is PosixException.ENOENT or PosixException.ESRCH or PosixException.ENOTDIR)
        {
            // The same, a moment later.
        }
    }

    /// <summary>Notes beside the trees when a write failed while they were mounted. Flushes nothing: the overlays are volatile.</summary>
    internal void NoteFailedWrites()
    {
        foreach (var root in _roots)
        {
            try
            {
                root.SyncFileSystem();
            }
            catch (PosixException e) when (e.Errno == PosixException.EIO)
            {
                FaultSeam.Before("create", markFile);
                File.WriteAllBytes(markFile, []);
                return;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _roots.ForEach(r => r.Dispose());
}
