namespace Agb.Engine;

/// <summary>Applies a plan to a running session's tree. Because the session continues, each step checks again for changes of the
/// session.</summary>
/// <param name="live">The mount in the session's view.</param>
/// <param name="wanted">The stored tree.</param>
/// <param name="session">The session's tree.</param>
/// <param name="temporary">The name for incomplete files.</param>
/// <param name="force">Also replace changes of the session.</param>
/// <param name="progress">Gets the progress.</param>
internal sealed class DownloadApplier(
    Fd live, MergedDirectory wanted, SessionView session, string temporary, bool force, SyncProgress progress) : IDisposable
{
    private readonly List<(string Path, DownloadOperation Operation)> _directories = [];
    private readonly Dictionary<(ulong Device, ulong Ino), List<DownloadStep>> _links = [];
    private readonly PathCursor<MergedDirectory> _source = new(wanted, (parent, name, _) => parent.OpenChild(name));

    /// <summary>Entries kept as they are in the session, against the plan.</summary>
    internal List<KeptPath> Kept { get; } = [];

    internal long Files { get; private set; }

    internal long Bytes { get; private set; }

    internal void Apply(DownloadPlan plan, CancellationToken cancellationToken)
    {
        using (var cursor = new DirectoryCursor(live))
        {
            foreach (var step in plan.Steps)
            {
                cancellationToken.ThrowIfCancellationRequested();
                try
                {
                    Apply(step, cursor);
                }
                catch (PosixException e) when (Errno.IsGone(e.Errno) && !IsParentThere(step.Path))
                {
                    // The session removed or replaced a parent directory, since the plan or before a deletion step.
                    if (step.Operation is DownloadOperation.Put or DownloadOperation.MakeDirectory)
                    {
                        Kept.Add(new(step.Path, "its directory is gone in the session"));
                    }
                }
            }
        }
        KnowLinks();
        foreach (var (path, operation) in _directories.AsEnumerable().Reverse())
        {
            try
            {
                if (FinishDirectory(path, operation))
                {
                    session.Know(path);
                }
            }
            catch (PosixException e) when (Errno.IsGone(e.Errno) && session.Lookup(path) is not { Kind: EntryKind.Directory })
            {
                // Removed or replaced by the session in the meantime.
            }
        }
    }

    /// <summary>Sets a directory's stored attributes after its contents are complete: filling it changes its time, and may need
    /// more permissions than its mode allows.</summary>
    /// <returns>Whether the directory had to be changed.</returns>
    private bool FinishDirectory(string path, DownloadOperation operation)
    {
        // Opened again for each directory: an open one would get back its mode at the time of opening.
        using var finish = new DirectoryCursor(live);
        var directory = finish.At(path);
        var source = _source.At(path);
        var stat = source.Stat();
        if (operation == DownloadOperation.SetTime)
        {
            if (directory.Stat().MtimeNs == stat.MtimeNs)
            {
                return false;
            }
            directory.SetMtime(stat.MtimeNs);
        }
        else
        {
            if (operation == DownloadOperation.SetDirectory)
            {
                Xattrs.Replace(source.Topmost, directory);
            }
            EntryCopier.FinishDirectory(directory, stat);
        }
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _source.Dispose();

    private void Apply(DownloadStep step, DirectoryCursor cursor)
    {
        var name = BytePath.NameOf(step.Path);
        var directory = cursor.At(BytePath.DirectoryOf(step.Path));
        switch (step.Operation)
        {
            case DownloadOperation.MakeDirectory:
                MakeDirectory(directory, name, step.Path);
                break;
            case DownloadOperation.Put or DownloadOperation.Delete when !MayReplace(directory, name, step):
                Kept.Add(new(step.Path, "changed in the session"));
                return;
            case DownloadOperation.Put:
                WithNamesBeside(step.Path, () => Put(directory, name, step));
                break;
            case DownloadOperation.Delete:
                WithNamesBeside(step.Path, () => directory.UnlinkAt(name));
                cursor.Forget(step.Path);
                Count();
                break;
            case DownloadOperation.SetDirectory or DownloadOperation.SetTime:
                _directories.Add((step.Path, step.Operation));
                return;
            case DownloadOperation.DeleteDirectory:
                RemoveDirectory(directory, name);
                cursor.Forget(step.Path);
                break;
            case DownloadOperation.Note when directory.TryStatAt(name) is not null:
                // Created by the session after the plan.
                return;
            default:
                break;
        }
        session.Know(step.Path, step.Operation == DownloadOperation.Put ? step.Stat : null);
    }

    private void WithNamesBeside(string path, Action takeAway)
    {
        var beside = session.NamesBeside(path);
        takeAway();
        foreach (var name in beside)
        {
            session.KnowStillUntouched(name);
        }
    }

    private bool MayReplace(Fd directory, string name, DownloadStep step)
    {
        var there = directory.TryStatAt(name);
        return step.Operation == DownloadOperation.Put && there is null
            ? force || step.Reason == SyncReason.Added || step.IsAfterDirectory
            : there is { Kind: not EntryKind.Directory } && (force || session.IsUntouched(step.Path));
    }

    private void MakeDirectory(Fd directory, string name, string path)
    {
        if (directory.TryStatAt(name) is { Kind: EntryKind.Directory })
        {
            return;
        }
        using var made = EntryCopier.MakeDirectory(_source.At(path).Topmost, directory, name);
        _directories.Add((path, DownloadOperation.MakeDirectory));
    }

    private void Put(Fd directory, string name, DownloadStep step)
    {
        var source = _source.At(BytePath.DirectoryOf(step.Path));
        try
        {
            var isLinked = LinkToFirst(step, directory);
            if (!isLinked)
            {
                EntryCopier.Copy(source, name, step.Stat.Kind, directory, temporary, progress.AddBytes);
            }
            FaultPoint.Reach(DownloadMark.FileCopied);
            directory.RenameAt(temporary, directory, name);
            if (isLinked)
            {
                // If both names are already one file, rename(2) leaves both.
                TreeRemover.RemoveAt(directory, temporary);
                KnowFirst(step);
            }
        }
        catch
        {
            // Otherwise it would be uploaded as a file of the session.
            TreeRemover.RemoveAt(directory, temporary);
            throw;
        }
        Count();
        Bytes = ByteSum.Add(Bytes, step.Stat.Kind == EntryKind.File ? step.Stat.Size : 0);
    }

    /// <summary>Keeps hard links of the store as hard links in the session.</summary>
    private bool LinkToFirst(DownloadStep step, Fd directory)
    {
        if (step.Stat.Kind != EntryKind.File || step.Stat.Nlink < 2)
        {
            return false;
        }
        if (_links.TryGetValue((step.Stat.Device, step.Stat.Ino), out var names) && names[0].Path is var first && session.IsUntouched(first))
        {
            using var cursor = new DirectoryCursor(live);
            if (cursor.At(BytePath.DirectoryOf(first)).TryLinkAt(BytePath.NameOf(first), directory, temporary))
            {
                names.Add(step);
                return true;
            }
        }
        _links[(step.Stat.Device, step.Stat.Ino)] = [step];
        return false;
    }

    /// <summary>Records the new change time of a linked file: a new name and its move change the time, shared by all
    /// names.</summary>
    private void KnowFirst(DownloadStep step) => session.Know(_links[(step.Stat.Device, step.Stat.Ino)][0].Path, step.Stat);

    /// <summary>Records all names of one file after the last is made, unless the session has changed it since.</summary>
    private void KnowLinks()
    {
        foreach (var names in _links.Values.Where(n => n.Count > 1 && session.IsUntouched(n[0].Path)))
        {
            names.ForEach(n => session.Know(n.Path, n.Stat));
        }
    }

    private static void RemoveDirectory(Fd directory, string name)
    {
        try
        {
            directory.RmdirAt(name);
        }
        catch (PosixException e) when (e.Errno is Errno.ENOTEMPTY or Errno.ENOENT or Errno.ENOTDIR)
        {
            // The session put an entry into it, or removed it itself.
        }
    }

    private bool IsParentThere(string path) =>
        BytePath.DirectoryOf(path) is var parent && (parent.Length == 0 || session.Lookup(parent) is { Kind: EntryKind.Directory });

    private void Count()
    {
        Files++;
        progress.AddFile();
    }
}
