namespace Agb.Engine;

/// <summary>Writes the steps of a plan into the tree of a staged layer.</summary>
internal sealed class LayerWriter : IDisposable
{
    private readonly ChangeTrees _source;
    private readonly DirectoryCursor _target;
    private readonly Fd _targetRoot;
    private readonly bool _link;
    private readonly Dictionary<ulong, string> _links = [];
    private readonly List<(string Path, FileStat Stat)> _directories = [];
    private readonly List<string> _linked = [];
    private readonly SyncPlan _plan;
    private readonly SyncProgress? _progress;
    private readonly PathCursor<MergedDirectory>? _stored;

    /// <summary>Creates a writer.</summary>
    /// <param name="source">The session's tree; the caller closes it.</param>
    /// <param name="target">The mount's origin in the staged layer's tree.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="link">Hard-link files instead of copying them: only after the last writer of the source has ended.</param>
    /// <param name="progress">Gets the progress.</param>
    /// <param name="stored">The tree below the session's tree, if the plan has entries from there; owned by the caller.</param>
    internal LayerWriter(
        ChangeTrees source, Fd target, SyncPlan plan, bool link, SyncProgress? progress = null, MergedDirectory? stored = null)
    {
        _stored = stored is null ? null : new PathCursor<MergedDirectory>(stored, (parent, name, _) => parent.OpenChild(name));
        _progress = progress;
        _plan = plan;
        _link = link;
        _targetRoot = target;
        _source = source;
        _target = new DirectoryCursor(target, OpenTarget);
    }

    /// <summary>Whether to hard-link entries of the tree below: only if their old names are deleted.</summary>
    internal bool LinksStored { get; init; }

    /// <summary>Stores large files as deltas; null to copy them.</summary>
    internal LargeUpload? Large { get; init; }

    /// <summary>The files linked to stored files.</summary>
    internal List<string> LinkedStored { get; } = [];

    /// <summary>Writes the plan's entries. Files removed by the session in the meantime are left to the next upload.</summary>
    /// <returns>The number of written entries.</returns>
    internal int Write(CancellationToken cancellationToken)
    {
        var written = 0;
        var batches = _link || _stored is not null || _source.HasForks ? [] : FileBatch.Divide(_plan.Steps);
        var (next, ready) = (0, new List<FileBatch>());
        for (var i = 0; i < _plan.Steps.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (next < batches.Count && batches[next].Start == i && batches[next++] is var batch && TryMakeTarget(batch.Directory))
            {
                ready.Add(batch);
                i += batch.Count - 1;
                continue;
            }
            var step = _plan.Steps[i];
            try
            {
                WriteStep(step);
                written++;
            }
            catch (PosixException e) when (Errno.IsGone(e.Errno) && !IsStored(step.Path) && StableCopy.IsSourceGone(_source.HolderOf, step))
            {
                _plan.LeaveToNext(step.Path);
            }
        }
        written += WriteBatches(ready, cancellationToken);
        foreach (var path in _linked)
        {
            // A new link changes the file's change time. The release may be interrupted after the commit of this upload; the
            // next attempt must not take these files for changed.
            _plan.Manifest.Set(new ScannedEntry(path, _source.HolderOf(path).StatAt(BytePath.NameOf(path)), false));
        }
        FinishDirectories();
        return written + _directories.Count;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stored?.Dispose();
        _target.Dispose();
    }

    /// <summary>Creates the target directory of a batch.</summary>
    /// <returns>False if the session removed or closed the directory: its files are then handled one by one.</returns>
    private bool TryMakeTarget(string directory)
    {
        if (IsClosed(directory))
        {
            return false;
        }
        try
        {
            _target.At(directory);
            return true;
        }
        catch (PosixException e) when (Errno.IsGone(e.Errno))
        {
            return false;
        }
    }

    /// <summary>Whether a directory on the path is closed to its owner for reading or searching. An unprivileged engine opens it
    /// temporarily; two threads must not do so at a time, because the first to finish would close it for the other.</summary>
    private bool IsClosed(string directory)
    {
        const uint ReadAndSearch = FileModes.OwnerRead | FileModes.OwnerSearch;
        for (var path = directory; ; path = BytePath.DirectoryOf(path))
        {
            if (_plan.Manifest.Find(path) is { } entry && (entry.Stat.Permissions & ReadAndSearch) != ReadAndSearch)
            {
                return true;
            }
            if (path.Length == 0)
            {
                return false;
            }
        }
    }

    private int WriteBatches(List<FileBatch> batches, CancellationToken cancellationToken)
    {
        var written = 0;
        if (batches.Count == 0)
        {
            return 0;
        }
        foreach (var (step, stored) in new WorkerPool(_source.Own, _targetRoot, _plan.Steps, batches, _progress).Run(cancellationToken))
        {
            if (stored is { } stat)
            {
                _plan.Manifest.Set(new ScannedEntry(step.Path, stat, false));
                written++;
            }
            else
            {
                _plan.LeaveToNext(step.Path);
            }
        }
        return written;
    }

    private void WriteStep(SyncStep step)
    {
        switch (step.Operation)
        {
            case SyncOperation.PutDirectory:
                _target.At(step.Path);
                break;
            case SyncOperation.ReplaceDirectory:
                Xattrs.SetOpaque(_target.At(step.Path));
                break;
            case SyncOperation.Delete:
                _target.At(BytePath.DirectoryOf(step.Path)).WhiteoutAt(BytePath.NameOf(step.Path));
                _progress?.AddFile();
                break;
            default:
                PutFile(step);
                _progress?.AddFile();
                break;
        }
    }

    private void PutFile(SyncStep step)
    {
        var name = BytePath.NameOf(step.Path);
        // In this order: creation of target directories moves the source's cursor and closes its open descriptors.
        var to = _target.At(BytePath.DirectoryOf(step.Path));
        if (IsStored(step.Path))
        {
            PutStored(step, to, name);
            return;
        }
        var from = _source.HolderOf(step.Path);
        // A link to a file of a fork layer would change its time for all sessions over it.
        if (_link && _source.IsOwn(step.Path) && from.TryLinkAt(name, to, name))
        {
            _linked.Add(step.Path);
            _progress?.AddBytes(step.Stat.Kind == EntryKind.File ? step.Stat.Size : 0);
            return;
        }
        if (step.Stat.Nlink > 1 && step.Stat.Kind == EntryKind.File && LinkToFirst(step, to, name))
        {
            return;
        }
        var delta = Large?.TryPut(from, to, step);
        _progress?.AddBytes(delta?.Size ?? 0);
        _plan.Manifest.Set(new ScannedEntry(step.Path, delta ?? StableCopy.Put(from, to, step, _progress), false));
        if (step.Stat.Nlink > 1)
        {
            _links.TryAdd(step.Stat.Ino, step.Path);
        }
    }

    private bool IsStored(string path) => _stored is not null && _plan.StoredAt.ContainsKey(path);

    /// <summary>Stores an entry moved by a directory's rename.</summary>
    private void PutStored(SyncStep step, Fd to, string name)
    {
        var at = _plan.StoredAt[step.Path];
        var (holder, oldName) = (_stored!.At(BytePath.DirectoryOf(at)), BytePath.NameOf(at));
        if (LinksStored && holder.LargeIdOf(oldName) is null && holder.HolderOf(oldName).TryLinkAt(oldName, to, name))
        {
            LinkedStored.Add(step.Path);
            _progress?.AddBytes(step.Stat.Kind == EntryKind.File ? step.Stat.Size : 0);
            return;
        }
        if (step.Stat is { Nlink: > 1, Kind: EntryKind.File } && LinkToFirst(step, to, name))
        {
            return;
        }
        EntryCopier.Copy(holder, oldName, step.Stat.Kind, to, name, count => _progress?.AddBytes(count));
        if (step.Stat.Nlink > 1)
        {
            _links.TryAdd(step.Stat.Ino, step.Path);
        }
    }

    /// <summary>Keeps hard links within one upload.</summary>
    private bool LinkToFirst(SyncStep step, Fd to, string name)
    {
        // Only if the first name was really stored: it may have vanished before its turn.
        if (!_links.TryGetValue(step.Stat.Ino, out var first))
        {
            return false;
        }
        using var source = new DirectoryCursor(_targetRoot);
        return source.At(BytePath.DirectoryOf(first)).TryLinkAt(BytePath.NameOf(first), to, name);
    }

    private Fd OpenTarget(Fd parent, string name, string path)
    {
        if (parent.TryStatAt(name) is { Kind: EntryKind.Directory })
        {
            return parent.OpenDirectoryAt(name);
        }
        var stored = IsStored(path) ? _stored!.At(_plan.StoredAt[path]) : null;
        var source = stored?.Topmost ?? _source.At(path);
        var made = EntryCopier.MakeDirectory(source, parent, name);
        _directories.Add((path, source.Stat()));
        return made;
    }

    private void FinishDirectories()
    {
        foreach (var (path, stat) in _directories.AsEnumerable().Reverse())
        {
            EntryCopier.FinishDirectory(_target.At(path), stat);
            _target.Forget(path);
        }
    }
}
