using System.Diagnostics;

namespace Agb.Store;

/// <summary>A layer that is being made: a directory in staging, with a marker beside it that says for whom, until the
/// catalog knows the layer. Whoever finds a marker whose owner's lock is free finds what a dead process left.</summary>
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
    }

    /// <summary>The layer's id.</summary>
    internal string Id { get; }

    /// <summary>Whether the catalog knows the layer.</summary>
    internal bool IsRecorded { get; private set; }

    /// <summary>The root of the layer's files.</summary>
    internal Fd Tree => _tree;

    /// <summary>Begins a layer.</summary>
    /// <param name="paths">Where.</param>
    /// <param name="owner">For whom.</param>
    /// <param name="files">About how many files are going to be made in it.</param>
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
            staging.MkdirAt(id, 0x1C9);
            using var layer = staging.OpenDirectoryAt(id);
            if (files >= InodePlacement.ManyFiles)
            {
                InodePlacement.SpreadBelow(layer);
            }
            layer.MkdirAt("tree");
            var tree = layer.OpenDirectoryAt("tree");
            tree.Chmod(SessionOwned.DirectoryPermissions);
            SessionOwned.Give(tree);
            return new StagedLayer(paths, id, tree, layers);
        }
        catch
        {
            layers?.Dispose();
            TreeRemover.Remove(paths.Staged(id));
            File.Delete(paths.Marker(id));
            throw;
        }
    }

    /// <summary>Makes the directories above a path, with the attributes that they have in the context already; the times
    /// are for <see cref="FinishParents"/>.</summary>
    /// <returns>The directory that holds the path's last name; the caller closes it.</returns>
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
                path = Raw.Join(path, name);
                SessionOwned.Give(current);
                if (known.Exists)
                {
                    Xattrs.Copy(known.Topmost, current);
                    _parents.Push((path, known.Stat()));
                }
                else
                {
                    current.Chmod(SessionOwned.DirectoryPermissions);
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

    /// <summary>Gives the directories above a mount the modes and times that they have in the context: the upload did not
    /// change them. Last, because filling a directory changes its time.</summary>
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

    /// <summary>Hashes of what the layer holds, from when it is placed.</summary>
    internal LayerSeal Seal => _seal ?? throw new InvalidOperationException("The layer has not been placed.");

    /// <summary>Puts the layer, with its sums, where layers stand. Nothing in it changes from here on.</summary>
    /// <param name="mergedFrom">The layers whose files it links to, topmost first; null for none.</param>
    /// <param name="known">Its entries but for their content, where they are known; null to look at the tree.</param>
    internal void Place(IEnumerable<string>? mergedFrom = null, IReadOnlyList<LayerEntry>? known = null)
    {
        _tree.Dispose();
        _seal = LayerSealer.Seal(_paths.Staged(Id), mergedFrom?.Select(_paths.Layer) ?? [], known);
        TrustedLayers.Note(_paths.Staged(Id));
        FaultPoint.Reach(FaultPoint.LayerSealed);
        FaultSeam.Before("rename", _paths.Staged(Id));
        Directory.Move(_paths.Staged(Id), _paths.Layer(Id));
        FaultPoint.Reach(FaultPoint.LayerPlaced);
    }

    /// <summary>Makes the layer durable, which stands in its place.</summary>
    internal void Flush(int entries) => LayerFlush.Flush(_layers, Id, entries);

    /// <summary>The catalog knows the layer: it is no longer anybody's to clean up. From here on nothing may fail the upload any
    /// more; a marker that can't be removed is recovery's.</summary>
    internal void Recorded()
    {
        IsRecorded = true;
        try
        {
            RemoveMarker();
        }
        catch (Exception e)
        {
            // Whatever it is: who hears of an error takes the upload for one that did not happen.
            Trace.TraceWarning("Agb: the marker of the layer {0} could not be removed: {1}", Id, e);
        }
    }

    private void RemoveMarker()
    {
        FaultPoint.Reach(FaultPoint.VersionRecorded);
        FaultSeam.Before("unlink", _paths.Marker(Id));
        File.Delete(_paths.Marker(Id));
        FaultPoint.Reach(FaultPoint.MarkerRemoved);
    }

    /// <summary>Keeps the layer's files and marker on disposal, for recovery: they may hold what a session has nowhere
    /// else.</summary>
    internal bool KeepForRecovery { get; set; }

    /// <summary>Removes the layer unless it was recorded.</summary>
    public void Dispose()
    {
        _tree.Dispose();
        _layers.Dispose();
        if (!IsRecorded && !KeepForRecovery)
        {
            TreeRemover.Remove(_paths.Staged(Id));
            TreeRemover.Remove(_paths.Layer(Id));
            FaultSeam.Before("unlink", _paths.Marker(Id));
            File.Delete(_paths.Marker(Id));
        }
    }
}

/// <summary>For whom a layer is being made, as a marker says it.</summary>
/// <param name="SessionId">The session whose upload it is, or null for a compaction.</param>
/// <param name="MountName">The session's mount.</param>
/// <param name="TookOver">Whether the session's own upper directory is moved into the layer, and so has to go back when
/// the layer is given up.</param>
/// <param name="ContextId">The context.</param>
/// <param name="LockName">The lock that a change of files without a session holds, or null.</param>
internal sealed record StagingOwner(string? SessionId, string? MountName, bool TookOver, string ContextId, string? LockName = null)
{
    /// <summary>The file of the lock that the owner holds as long as it lives.</summary>
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
