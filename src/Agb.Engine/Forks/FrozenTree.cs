namespace Agb.Engine;

/// <summary>A copy of a changing tree, brought up to the tree's state in rounds: the first copies everything, a later one the
/// entries changed since.</summary>
/// <param name="target">The copy's root.</param>
/// <param name="marks">The marks in it.</param>
internal sealed class FrozenTree(Fd target, OverlayMarks marks) : IDisposable
{
    // A directory's entries may be added in any later round.
    private readonly DirectoryCursor _target = new(target);
    private readonly Dictionary<string, ScannedEntry> _done = new(StringComparer.Ordinal);
    private readonly Dictionary<ulong, string> _links = [];

    /// <summary>Whether the copy has hard links.</summary>
    internal bool HasLinks { get; private set; }

    /// <summary>Brings the copy up to a state of the tree. Entries that vanish meanwhile are left out.</summary>
    /// <param name="source">The tree.</param>
    /// <param name="entries">Its entries, parents before children.</param>
    /// <param name="stored">The view below the tree, for entries of renamed directories; null for none.</param>
    /// <param name="isSuspect">Whether an entry may have changed without a new change time.</param>
    /// <param name="cancellationToken">Cancels.</param>
    internal void Bring(
        ChangeTrees source, IReadOnlyList<ScannedEntry> entries, MergedDirectory? stored, Func<ScannedEntry, bool> isSuspect, CancellationToken cancellationToken)
    {
        RemoveOld(entries, isSuspect);
        foreach (var entry in entries.Where(e => e.Stat.Kind != EntryKind.Unstorable && !_done.ContainsKey(e.Path)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                Add(source, entry, stored);
                _done[entry.Path] = entry;
            }
            catch (PosixException e) when (Errno.IsGone(e.Errno) && entry.StoredAt is null)
            {
                // Removed by the session since the listing; a later round lists it no more.
            }
        }
    }

    /// <summary>Sets modes and times of the directories, after the last round.</summary>
    /// <param name="entries">The entries of the last round.</param>
    internal void Finish(IReadOnlyList<ScannedEntry> entries)
    {
        for (var i = entries.Count - 1; i >= 0; i--)
        {
            if (entries[i] is { Stat.Kind: EntryKind.Directory } directory && _done.ContainsKey(directory.Path))
            {
                EntryCopier.FinishDirectory(_target.At(directory.Path), directory.Stat);
            }
        }
    }

    /// <summary>A manifest of the source as one of the copy: entries unchanged since it get the inodes of the copy.</summary>
    internal Manifest Translate(Manifest manifest)
    {
        var translated = new Manifest(manifest.Entries);
        foreach (var was in manifest.Entries)
        {
            if (was.Path.Length > 0 && _done.TryGetValue(was.Path, out var copied) && IsSame(was, copied)
                && _target.At(BytePath.DirectoryOf(was.Path)).TryStatAt(BytePath.NameOf(was.Path)) is { } stat)
            {
                translated.Set(was with { Stat = stat });
            }
        }
        return translated;
    }

    /// <inheritdoc/>
    public void Dispose() => _target.Dispose();

    private static bool IsSame(in ScannedEntry a, in ScannedEntry b) =>
        a.Stat.Kind == b.Stat.Kind && a.Opaque == b.Opaque
        && a.Stat.Kind switch
        {
            EntryKind.Directory => a.XattrHash == b.XattrHash,
            // Overlayfs makes all whiteouts links to one inode.
            EntryKind.Whiteout => true,
            _ => a.Stat.IsUnchanged(b.Stat),
        };

    private void RemoveOld(IReadOnlyList<ScannedEntry> entries, Func<ScannedEntry, bool> isSuspect)
    {
        if (_done.Count == 0)
        {
            return;
        }
        var now = entries.ToDictionary(e => e.Path, StringComparer.Ordinal);
        foreach (var path in _done.Keys.Order(StringComparer.Ordinal).ToArray())
        {
            // A directory above may have taken it along.
            if (!_done.TryGetValue(path, out var was)
                || (now.TryGetValue(path, out var entry) && IsSame(was, entry) && was.StoredAt == entry.StoredAt && (path.Length == 0 || !isSuspect(entry))))
            {
                continue;
            }
            _target.Forget(path);
            TreeRemover.RemoveAt(_target.At(BytePath.DirectoryOf(path)), BytePath.NameOf(path));
            _done.Remove(path);
            if (was.Stat.Kind == EntryKind.Directory)
            {
                foreach (var below in _done.Keys.Where(k => BytePath.IsAtOrBelow(k, path)).ToArray())
                {
                    _done.Remove(below);
                }
            }
        }
    }

    private void Add(ChangeTrees source, ScannedEntry entry, MergedDirectory? stored)
    {
        var (to, name) = (_target.At(BytePath.DirectoryOf(entry.Path)), BytePath.NameOf(entry.Path));
        switch (entry.Stat.Kind)
        {
            case EntryKind.Directory when entry.Path.Length == 0:
                Xattrs.Replace(source.At(""), target);
                break;
            case EntryKind.Directory:
                AddDirectory(source, entry, stored, to, name);
                break;
            case EntryKind.Whiteout:
                to.WhiteoutAt(name);
                break;
            default:
                AddFile(source, entry, stored, to, name);
                break;
        }
    }

    private void AddDirectory(ChangeTrees source, ScannedEntry entry, MergedDirectory? stored, Fd to, string name)
    {
        if (to.TryStatAt(name) is { Kind: EntryKind.Directory })
        {
            // A directory of the new sandbox itself.
            return;
        }
        using var below = entry.StoredAt is { } at ? stored!.OpenPath(at) : null;
        using var made = EntryCopier.MakeDirectory(below?.Topmost ?? source.At(entry.Path), to, name);
        if (entry.Opaque)
        {
            Xattrs.SetOpaque(made, marks);
        }
    }

    private void AddFile(ChangeTrees source, ScannedEntry entry, MergedDirectory? stored, Fd to, string name)
    {
        if (entry.Stat is { Nlink: > 1, Kind: EntryKind.File })
        {
            if (_links.TryGetValue(entry.Stat.Ino, out var first) && _done.ContainsKey(first))
            {
                using var cursor = new DirectoryCursor(target);
                if (cursor.At(BytePath.DirectoryOf(first)).TryLinkAt(BytePath.NameOf(first), to, name))
                {
                    HasLinks = true;
                    return;
                }
            }
            _links[entry.Stat.Ino] = entry.Path;
        }
        if (to.TryStatAt(name) is not null)
        {
            TreeRemover.RemoveAt(to, name);
        }
        if (entry.StoredAt is not { } at)
        {
            EntryCopier.Copy(source.HolderOf(entry.Path), name, entry.Stat.Kind, to, name);
            return;
        }
        // A copy: a link would change the times of the stored file's other names.
        using var directory = stored!.OpenPath(BytePath.DirectoryOf(at));
        EntryCopier.Copy(directory.HolderOf(BytePath.NameOf(at)), BytePath.NameOf(at), entry.Stat.Kind, to, name);
    }
}
