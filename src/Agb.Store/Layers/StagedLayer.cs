namespace Agb.Store;

/// <summary>A staged layer: a directory in staging, with a marker beside it for its owner, until its commit to the catalog. A
/// marker with a free owner's lock is the remains of a dead process.</summary>
internal sealed class StagedLayer : IDisposable
{
    private readonly StorePaths _paths;
    private readonly Fd _tree;
    private readonly Fd _layers;
    private LayerSeal? _seal;
    private readonly Stack<(string Path, FileStat Stat)> _parents = new();

    private StagedLayer(StorePaths paths, string id, Fd tree, Fd layers)
    {
        _layers = layers;
        _paths = paths;
        Id = id;
        _tree = tree;
        Large = new LargeStaging(paths, id);
    }

    /// <summary>The layer's large files.</summary>
    internal LargeStaging Large { get; }

    /// <summary>The layer's id.</summary>
    internal string Id { get; }

    /// <summary>Whether the layer is committed to the catalog.</summary>
    internal bool IsRecorded { get; private set; }

    /// <summary>The root of the layer's files.</summary>
    internal Fd Tree => _tree;

    /// <summary>Begins a layer.</summary>
    /// <param name="paths">The store.</param>
    /// <param name="owner">The owner.</param>
    /// <param name="files">Estimated number of new files.</param>
    internal static StagedLayer Begin(StorePaths paths, StagingOwner owner, long files = 0)
    {
        var id = RandomId.New();
        // A symlink, because its target is stored with the name, so no power cut leaves a marker without content.
        FaultSeam.Before("symlink", paths.Marker(id));
        File.CreateSymbolicLink(paths.Marker(id), owner.ToString());
        FaultPoint.Reach(FaultPoint.StagingMarked);
        Fd? layers = null;
        try
        {
            layers = Fd.OpenDirectory(paths.Layers);
            using var staging = Fd.OpenDirectory(paths.Staging);
            staging.MkdirAt(id, FileModes.PassThrough);
            using var layer = staging.OpenDirectoryAt(id);
            if (files >= InodePlacement.ManyFiles)
            {
                InodePlacement.SpreadBelow(layer);
            }
            return new StagedLayer(paths, id, SessionOwner.MakeDirectory(layer, "tree"), layers);
        }
        catch
        {
            layers?.Dispose();
            TreeRemover.Remove(paths.Staged(id));
            File.Delete(paths.Marker(id));
            throw;
        }
    }

    /// <summary>Creates the directories above a path, with their attributes from the context; <see cref="FinishParents"/> sets
    /// the times.</summary>
    /// <returns>The parent directory of the last name; owned by the caller.</returns>
    internal Fd MakeParents(string[] names, MergedDirectory head)
    {
        var current = _tree.OpenDirectoryAt(".");
        var known = head.OpenChild(".");
        var path = "";
        try
        {
            foreach (var name in names[..^1])
            {
                using (var parent = known)
                {
                    known = parent.OpenChild(name);
                }
                using (var parent = current)
                {
                    parent.MkdirAt(name);
                    current = parent.OpenDirectoryAt(name);
                }
                path = BytePath.Join(path, name);
                SessionOwner.ChownToSession(current);
                if (known.Exists)
                {
                    Xattrs.Copy(known.Topmost, current);
                    _parents.Push((path, known.Stat()));
                }
                else
                {
                    current.Chmod(FileModes.PublicDirectory);
                }
            }
            return current;
        }
        catch
        {
            current.Dispose();
            throw;
        }
        finally
        {
            known.Dispose();
        }
    }

    /// <summary>Restores modes and times of the directories above a mount: the upload did not change them. Last, because new
    /// entries change the time.</summary>
    internal void FinishParents()
    {
        using var layer = Fd.OpenDirectory(_paths.Staged(Id));
        using var tree = layer.OpenDirectoryAt("tree");
        using var cursor = new DirectoryCursor(tree);
        foreach (var (path, stat) in _parents)
        {
            EntryCopier.FinishDirectory(cursor.At(path), stat);
        }
    }

    /// <summary>Hashes of the layer's content, available after <see cref="Place"/>.</summary>
    internal LayerSeal Seal => _seal ?? throw new InvalidOperationException("The layer has not been placed.");

    /// <summary>Moves the layer, with its sums, to its final directory. It is immutable from here on.</summary>
    /// <param name="mergedFrom">Source layers of the hard links, topmost first; null for none.</param>
    /// <param name="known">Entries without content, if known; null to scan the tree.</param>
    internal void Place(IEnumerable<string>? mergedFrom = null, IReadOnlyList<LayerEntry>? known = null)
    {
        _tree.Dispose();
        var entries = known ?? LayerSealer.Read(_paths.Staged(Id));
        using (var tree = Fd.OpenTree(Path.Combine(_paths.Staged(Id), "tree")))
        {
            Large.Extract(tree, _paths.Staged(Id), [.. entries.Where(e => e.Kind == EntryKind.File && e.Size >= LargeFiles.MinSize).Select(e => e.Path)]);
        }
        _seal = LayerSealer.Seal(_paths.Staged(Id), mergedFrom?.Select(_paths.Layer) ?? [], entries);
        TrustedLayers.Note(_paths.Staged(Id));
        FaultPoint.Reach(FaultPoint.LayerSealed);
        FaultSeam.Before("rename", _paths.Staged(Id));
#pragma warning disable RS0030 // Flush makes it durable before the commit.
        Directory.Move(_paths.Staged(Id), _paths.Layer(Id));
#pragma warning restore RS0030
        FaultPoint.Reach(FaultPoint.LayerPlaced);
    }

    /// <summary>Makes a placed layer durable.</summary>
    internal void Flush(int entries)
    {
        Large.Flush();
        LayerFlush.Flush(_layers, Id, entries);
    }

    /// <summary>Notes the commit: the layer no longer needs cleanup. From here on nothing may fail the upload; a leftover
    /// marker is left to recovery.</summary>
    internal void Recorded(ILogger log)
    {
        IsRecorded = true;
        try
        {
            RemoveMarker();
        }
        catch (Exception e)
        {
            // Any error: a failure here would make a finished upload look like a failed one.
            log.MarkerKept(Id, e);
        }
    }

    private void RemoveMarker()
    {
        FaultPoint.Reach(FaultPoint.VersionRecorded);
        FaultSeam.Before("unlink", _paths.Marker(Id));
        File.Delete(_paths.Marker(Id));
        FaultPoint.Reach(FaultPoint.MarkerRemoved);
    }

    /// <summary>Keeps the layer's files and marker on disposal, for recovery: they may be the
    /// only copy of a session's data.</summary>
    internal bool KeepForRecovery { get; set; }

    /// <summary>Removes the layer, unless committed.</summary>
    public void Dispose()
    {
        _tree.Dispose();
        _layers.Dispose();
        if (!IsRecorded && !KeepForRecovery)
        {
            TreeRemover.Remove(_paths.Staged(Id));
            TreeRemover.Remove(_paths.Layer(Id));
            LargeStaging.Remove(_paths, Id);
            FaultSeam.Before("unlink", _paths.Marker(Id));
            File.Delete(_paths.Marker(Id));
        }
    }
}

/// <summary>Owner of a staged layer, as text of the marker.</summary>
/// <param name="SessionId">The uploading session, or null for a compaction.</param>
/// <param name="MountName">The session's mount.</param>
/// <param name="TookOver">Whether the session's own upper directory becomes the layer, and must return on failure.</param>
/// <param name="ContextId">The context.</param>
/// <param name="LockName">The lock of a change of files without a session, or null.</param>
internal sealed record StagingOwner(string? SessionId, string? MountName, bool TookOver, string ContextId, string? LockName = null)
{
    /// <summary>Lock file held by the owner for its lifetime.</summary>
    internal string LockFile(StorePaths paths) =>
        SessionId is { } session ? paths.SessionLock(session)
        : LockName is { } name ? paths.ChangeLock(name)
        : paths.ContextLock(ContextId);

    internal static StagingOwner? Parse(string text)
    {
        var parts = text.Split(' ');
        return parts switch
        {
            ["upload", var context, var session, var mount, var how] => new StagingOwner(session, mount, how == "takeover", context),
            ["compaction", var context] => new StagingOwner(null, null, false, context),
            ["files", var context, var name] => new StagingOwner(null, null, false, context, name),
            _ => null,
        };
    }

    /// <inheritdoc/>
    public override string ToString() =>
        LockName is not null ? $"files {ContextId} {LockName}"
        : SessionId is null ? $"compaction {ContextId}"
        : $"upload {ContextId} {SessionId} {MountName} {(TookOver ? "takeover" : "copy")}";
}
