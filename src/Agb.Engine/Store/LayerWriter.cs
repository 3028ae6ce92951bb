using Agb.Engine.Native;
using Agb.Engine.Sync;

namespace Agb.Engine.Store;

/// <summary>Writes the steps of a plan into the tree of a staged layer.</summary>
internal sealed class LayerWriter : IDisposable
{
    private const int CopyAttempts = 3;

    private readonly DirectoryCursor _source;
    private readonly DirectoryCursor _target;
    private readonly Fd _targetRoot;
    private readonly bool _link;
    private readonly Dictionary<ulong, string> _links = [];
    private readonly List<(string Path, FileStat Stat)> _directories = [];
    private readonly List<string> _linked = [];
    private readonly SyncPlan _plan;
    private readonly SyncProgress? _progress;

    /// <summary>Creates a writer.</summary>
    /// <param name="source">The session's tree.</param>
    /// <param name="target">The mount's origin in the staged layer's tree.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="link">Hard-link files in place of copying them: only when nothing writes to the source any more.</param>
    /// <param name="progress">Told what was written, or null.</param>
    internal LayerWriter(Fd source, Fd target, SyncPlan plan, bool link, SyncProgress? progress = null)
    {
        _progress = progress;
        _plan = plan;
        _link = link;
        _targetRoot = target;
        _source = new DirectoryCursor(source);
        _target = new DirectoryCursor(target, OpenTarget);
    }

    /// <summary>Carries out the plan. Files that vanish meanwhile are left to the next upload.</summary>
    /// <returns>How many entries were written.</returns>
    internal int Write(CancellationToken cancellationToken)
    {
        var written = 0;
        foreach (var step in _plan.Steps)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                WriteStep(step);
                written++;
            }
            catch (PosixException e) when (IsGone(e) && IsSourceGone(step))
            {
                _plan.LeaveToNext(step.Path);
            }
        }
        foreach (var path in _linked)
        {
            // Making a link changes the file's change time. The release may be cut off after this upload is recorded; the
            // next try must not take these files for changed.
            _plan.Manifest.Set(new ScannedEntry(path, _source.At(Raw.DirectoryOf(path)).StatAt(Raw.NameOf(path)), false));
        }
        FinishDirectories();
        return written + _directories.Count;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _source.Dispose();
        _target.Dispose();
    }

    private static bool IsGone(PosixException e) =>
        e.Errno is PosixException.ENOENT or PosixException.ENOTDIR or PosixException.ELOOP;

    // A missing file of the store itself is damage, and must not pass for a file that a session removed.
    private bool IsSourceGone(SyncStep step)
    {
        if (step.Operation == SyncOperation.Delete)
        {
            return false;
        }
        try
        {
            return _source.At(Raw.DirectoryOf(step.Path)).TryStatAt(Raw.NameOf(step.Path)) is not { } stat
                || stat.Kind != step.Stat.Kind;
        }
        catch (PosixException e) when (IsGone(e))
        {
            return true;
        }
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
                _target.At(Raw.DirectoryOf(step.Path)).WhiteoutAt(Raw.NameOf(step.Path));
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
        var name = Raw.NameOf(step.Path);
        // In this order: making the target's directories moves the source's cursor, which closes what it had open.
        var to = _target.At(Raw.DirectoryOf(step.Path));
        var from = _source.At(Raw.DirectoryOf(step.Path));
        if (_link && from.TryLinkAt(name, to, name))
        {
            _progress?.AddBytes(step.Stat.Kind == EntryKind.File ? step.Stat.Size : 0);
            _linked.Add(step.Path);
            return;
        }
        if (step.Stat.Nlink > 1 && step.Stat.Kind == EntryKind.File && LinkToFirst(step, to, name))
        {
            return;
        }
        for (var attempt = 1; ; attempt++)
        {
            long copied = 0;
            var before = EntryCopier.Copy(
                from, name, step.Stat.Kind, to, name, out var steady,
                count =>
                {
                    copied += count;
                    _progress?.AddBytes(count);
                });
            if (steady || attempt == CopyAttempts)
            {
                // What is written while it is copied, a growing log say, is looked at again by the next upload, because
                // the manifest keeps the attributes from before the copy.
                _plan.Manifest.Set(new ScannedEntry(step.Path, before, false));
                if (step.Stat.Nlink > 1)
                {
                    _links.TryAdd(step.Stat.Ino, step.Path);
                }
                return;
            }
            to.UnlinkAt(name);
            // It is copied once more, and counts once.
            _progress?.AddBytes(-copied);
        }
    }

    /// <summary>Hard links within one upload stay hard links.</summary>
    private bool LinkToFirst(SyncStep step, Fd to, string name)
    {
        // Only what was really stored: the first name may have vanished before its turn came.
        if (!_links.TryGetValue(step.Stat.Ino, out var first))
        {
            return false;
        }
        using var source = new DirectoryCursor(_targetRoot);
        return source.At(Raw.DirectoryOf(first)).TryLinkAt(Raw.NameOf(first), to, name);
    }

    private Fd OpenTarget(Fd parent, string name, string path)
    {
        if (parent.TryStatAt(name) is { Kind: EntryKind.Directory })
        {
            return parent.OpenDirectoryAt(name);
        }
        var source = _source.At(path);
        var stat = source.Stat();
        var made = EntryCopier.MakeDirectory(source, parent, name);
        _directories.Add((path, stat));
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
