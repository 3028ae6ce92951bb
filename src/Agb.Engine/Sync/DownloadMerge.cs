using Agb.Engine.Native;
using Agb.Engine.Store;

namespace Agb.Engine.Sync;

/// <summary>Carries the difference between what a session was given and what is stored now into its tree.</summary>
internal sealed class DownloadMerge(
    Fd live, Fd tree, Manifest known, bool isOverlay, SyncProgress progress, CancellationToken cancellationToken)
{
    private const int MaxKeptLines = 100;

    /// <summary>What was left as the session has it, a line each.</summary>
    internal List<string> Kept { get; } = [];

    internal long Files { get; private set; }

    internal long Bytes { get; private set; }

    internal void Apply(MergedDirectory old, MergedDirectory wanted)
    {
        Visit(live, old, wanted, "");
        RemoveKnown(old, wanted);
    }

    /// <summary>What came by an earlier download, or was uploaded by the session itself, and is stored no longer.</summary>
    private void RemoveKnown(MergedDirectory old, MergedDirectory wanted)
    {
        using var cursor = new DirectoryCursor(live);
        // Backwards, so that a directory comes after what was in it.
        foreach (var entry in known.Entries.Reverse().ToArray())
        {
            if (entry.Path.Length == 0 || entry.Stat.Kind is EntryKind.Whiteout or EntryKind.Unstorable
                || wanted.LookupPath(entry.Path) is not null || old.LookupPath(entry.Path) is not null)
            {
                continue;
            }
            try
            {
                RemoveKnown(cursor.At(Raw.DirectoryOf(entry.Path)), Raw.NameOf(entry.Path), entry);
                cursor.Forget(entry.Path);
            }
            catch (PosixException e) when (e.Errno is PosixException.ENOENT or PosixException.ENOTDIR or PosixException.ELOOP)
            {
                // The session removed or replaced a directory on the way: nothing of the entry is left to remove.
                continue;
            }
        }
    }

    private void RemoveKnown(Fd directory, string name, ScannedEntry entry)
    {
        if (directory.TryStatAt(name) is not { } there)
        {
            return;
        }
        if (entry.Stat.Kind == EntryKind.Directory && there.Kind == EntryKind.Directory)
        {
            using (var child = directory.OpenDirectoryAt(name))
            {
                if (DirectoryReader.Names(child).Count > 0)
                {
                    return;
                }
            }
            directory.RmdirAt(name);
            Know(entry.Path);
        }
        else if (IsUntouched(entry.Path))
        {
            directory.UnlinkAt(name);
            Count();
            Know(entry.Path);
        }
        else
        {
            Keep(entry.Path, "changed in the session");
        }
    }

    private void Visit(Fd target, MergedDirectory old, MergedDirectory wanted, string path)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (old.Paths.SequenceEqual(wanted.Paths))
        {
            return;
        }
        var before = old.Entries().ToDictionary(e => e.Name, e => e.Stat, StringComparer.Ordinal);
        foreach (var (name, stat) in wanted.Entries())
        {
            var childPath = Raw.Join(path, name);
            FileStat? was = before.Remove(name, out var found) ? found : null;
            if (stat.Kind == EntryKind.Directory)
            {
                EnterDirectory(target, old, wanted, name, childPath);
            }
            else if (was is null || was.Value.Ino != stat.Ino || was.Value.Device != stat.Device)
            {
                PutFile(target, wanted, name, childPath, stat);
            }
        }
        foreach (var (name, stat) in before)
        {
            Remove(target, old, name, Raw.Join(path, name), stat);
        }
    }

    private void EnterDirectory(Fd target, MergedDirectory old, MergedDirectory wanted, string name, string path)
    {
        using var oldChild = old.OpenChild(name);
        using var wantedChild = wanted.OpenChild(name);
        var there = target.TryStatAt(name);
        if (there is null && oldChild.Exists)
        {
            Keep(path, "deleted in the session");
            return;
        }
        if (there is { Kind: not EntryKind.Directory })
        {
            Keep(path, "a file in the session");
            return;
        }
        if (there is null)
        {
            using var made = EntryCopier.MakeDirectory(wantedChild.Topmost, target, name);
            Visit(made, oldChild, wantedChild, path);
            EntryCopier.FinishDirectory(made, wantedChild.Stat());
            Know(path);
            return;
        }
        using var child = target.OpenDirectoryAt(name);
        Visit(child, oldChild, wantedChild, path);
    }

    private void PutFile(Fd target, MergedDirectory wanted, string name, string path, FileStat stat)
    {
        if (known.Find(path) is { } own && own.Stat.Kind == stat.Kind && own.Stat.Size == stat.Size && own.Stat.MtimeNs == stat.MtimeNs
            && IsUntouched(path))
        {
            // The session's own upload, come back as a layer.
            return;
        }
        if (!IsUntouched(path))
        {
            Keep(path, "changed in the session");
            return;
        }
        if (target.TryStatAt(name) is { Kind: EntryKind.Directory })
        {
            Keep(path, "a directory in the session");
            return;
        }
        var temporary = ".agb-download-" + RandomId.New();
        try
        {
            EntryCopier.Copy(wanted.HolderOf(name), name, stat.Kind, target, temporary, out _, progress.AddBytes);
            target.RenameAt(temporary, target, name);
        }
        catch
        {
            // It would be uploaded as a file of the session's.
            TreeRemover.RemoveAt(target, temporary);
            throw;
        }
        Count();
        Bytes += stat.Kind == EntryKind.File ? stat.Size : 0;
        Know(path);
    }

    private void Remove(Fd target, MergedDirectory old, string name, string path, FileStat was)
    {
        if (target.TryStatAt(name) is not { } there)
        {
            Know(path);
            return;
        }
        if (was.Kind == EntryKind.Directory && there.Kind == EntryKind.Directory)
        {
            using (var child = target.OpenDirectoryAt(name))
            using (var oldChild = old.OpenChild(name))
            {
                foreach (var (childName, stat) in oldChild.Entries())
                {
                    Remove(child, oldChild, childName, Raw.Join(path, childName), stat);
                }
                if (DirectoryReader.Names(child).Count > 0)
                {
                    return;
                }
            }
            target.RmdirAt(name);
            Know(path);
            return;
        }
        if (!IsUntouched(path) || there.Kind == EntryKind.Directory)
        {
            Keep(path, "changed in the session");
            return;
        }
        target.UnlinkAt(name);
        Count();
        Know(path);
    }

    /// <summary>Whether the session has not touched an entry since it was given or uploaded.</summary>
    private bool IsUntouched(string path)
    {
        var now = StatInTree(path);
        if (known.Find(path) is { } before)
        {
            return now is { } s && s.Kind == before.Stat.Kind && s.Ino == before.Stat.Ino && s.CtimeNs == before.Stat.CtimeNs;
        }
        // Nothing in an overlay's upper directory: what the session sees is what lies under it.
        return now is null;
    }

    private void Know(string path)
    {
        if (StatInTree(path) is { } stat)
        {
            known.Set(stat.Kind == EntryKind.Directory ? DirectoryEntry(path, stat) : new ScannedEntry(path, stat, false));
        }
        else
        {
            known.Remove(path);
        }
    }

    // Some kernels mark every new directory of an overlay opaque; an upload must not take that for a change of the session's.
    private ScannedEntry DirectoryEntry(string path, FileStat stat)
    {
        using var cursor = new DirectoryCursor(tree);
        var directory = cursor.At(path);
        return new ScannedEntry(path, stat, isOverlay && Xattrs.IsOpaque(directory), Xattrs.Hash(directory));
    }

    private FileStat? StatInTree(string path)
    {
        using var cursor = new DirectoryCursor(tree);
        try
        {
            return cursor.At(Raw.DirectoryOf(path)).TryStatAt(Raw.NameOf(path)) is { } stat
                ? stat with { Kind = stat.Kind == EntryKind.Whiteout && !isOverlay ? EntryKind.Unstorable : stat.Kind }
                : null;
        }
        catch (PosixException e) when (e.Errno is PosixException.ENOENT or PosixException.ENOTDIR or PosixException.ELOOP)
        {
            return null;
        }
    }

    private void Count()
    {
        Files++;
        progress.AddFile();
    }

    private void Keep(string path, string why)
    {
        if (Kept.Count < MaxKeptLines)
        {
            Kept.Add($"{Raw.ToDisplay(path)}: kept, {why}");
        }
    }
}
