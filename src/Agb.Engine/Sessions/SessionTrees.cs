namespace Agb.Engine;

/// <summary>Checks the integrity of sessions' files. A session's tree is not flushed before an upload: after a power cut or a
/// failed write, files may be empty, truncated or older than their times.</summary>
internal sealed class SessionTrees(EngineParts parts)
{
    /// <summary>The reason why the session's trees may be incomplete, as a clause; null if they are sound.</summary>
    internal string? Doubt(SessionRow row)
    {
        var boot = ProcessTable.ReadBootId();
        string?[] boots = [row.Handle()?.BootId, ProcessOwner.BootOf(row.Owner), LaunchRecord.TryRead(parts.Paths.Session(row.Id))?.BootId];
        var known = boots.Where(b => b is { Length: > 0 }).ToArray();
        // Without a known boot id, the volatile mark of overlayfs shows an unflushed tree.
        var isEarlier = known.Length > 0 ? known.Any(b => b != boot) : HasVolatileMark(row);
        return isEarlier ? "the host was started again since"
            : File.Exists(parts.Paths.Unwritten(row.Id)) ? "the device reported a failed write while the session ran"
            : null;
    }

    /// <summary>Whether an upload by policy, or by a release from before a power cut, would store possibly incomplete
    /// files.</summary>
    internal bool IsAtRisk(SessionRow row)
    {
        if (row.Status is not (AgbSessionStatus.Running or AgbSessionStatus.Suspended or AgbSessionStatus.Releasing) || Doubt(row) is null)
        {
            return false;
        }
        var begun = row.Status == AgbSessionStatus.Releasing ? row.Release : null;
        return begun != AgbReleaseMode.Discard
            && MountsOf(row).Exists(m => (begun == AgbReleaseMode.Upload || m.UploadsAtRelease) && HasTree(m));
    }

    /// <summary>The reason for the Failed state: the doubt, and the durable versions.</summary>
    internal string Reason(SessionRow row, string doubt)
    {
        var versions = parts.Catalog.Read(tx => MountTable.OfSession(tx, row.Id)
            .Select(m => m.ContextId).Distinct().Select(id => ContextTable.ById(tx, id)).OfType<ContextRow>().ToArray());
        var durable = string.Join(", ", versions.Select(c => c.Head == 0 ? $"of '{c.Name}' none" : $"of '{c.Name}' {c.Head}"));
        return $"The session's files may be incomplete, because {doubt}; they are not uploaded by themselves. The newest durable version: {durable}. "
            + "A removal discards the later changes. An explicit upload takes the provably whole entries, and lists the others.";
    }

    /// <summary>Whether the mount's tree exists: not after an interrupted creation or after its adoption as a layer.</summary>
    internal bool HasTree(MountRow mount) =>
        Directory.Exists(Path.Combine(parts.Paths.Mount(mount.SessionId, mount.Name), parts.MountOf(mount.Kind).TreeName));

    /// <summary>Opens the overlays of a running session. A volatile overlay remembers failed writes since the mount, and reports
    /// them at each flush (kernel documentation, filesystems/overlayfs, "Volatile mount").</summary>
    /// <returns>Empty if the session does not run.</returns>
    internal OpenOverlays OpenOverlays(SessionRow row)
    {
        var opened = new OpenOverlays(parts.Paths.Unwritten(row.Id));
        if (row.Handle() is { } sandbox && sandbox.IsAlive)
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

/// <summary>Open overlays of one running session, usable also after the end of its processes.</summary>
/// <param name="markFile">The file for the answer.</param>
internal sealed class OpenOverlays(string markFile) : IDisposable
{
    private readonly List<Fd> _roots = [];

    /// <summary>Opens an overlay; skips it if its session has ended.</summary>
    internal void TryAdd(SandboxHandle sandbox, string path)
    {
        try
        {
            _roots.Add(SessionRootView.Open(sandbox, path));
        }
        catch (AgbException e) when (e.ErrorId == AgbErrorIds.SessionNotRunning)
        {
            // The overlay can't be asked any more; the flush of an upload reports device errors.
        }
        catch (PosixException e) when (e.Errno is Errno.ENOENT or Errno.ESRCH or Errno.ENOTDIR)
        {
            // Same as above, a moment later.
        }
    }

    /// <summary>Records beside the trees that a write failed during the mount. Flushes nothing: the overlays are
    /// volatile.</summary>
    internal void NoteFailedWrites()
    {
        foreach (var root in _roots)
        {
            try
            {
                root.SyncFileSystem();
            }
            catch (PosixException e) when (e.Errno == Errno.EIO)
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
