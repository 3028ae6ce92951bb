namespace Agb.Store;

/// <summary>Moves unpacked entries into a policy layer. Stored or earlier unpacked entries stay: a
/// member never replaces them.</summary>
internal sealed class UnpackedTree(PolicyLayerWriter writer, MergedDirectory stored)
{
    /// <summary>Whether a directory can exist at a path: every existing part is a directory.</summary>
    internal bool CanHold(string path)
    {
        for (var at = path; at.Length > 0; at = BytePath.DirectoryOf(at))
        {
            if (KindAt(at) is { } kind && kind != EntryKind.Directory)
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>Moves an entry.</summary>
    /// <param name="from">The source directory.</param>
    /// <param name="name">The name there.</param>
    /// <param name="path">The target path.</param>
    internal void Move(Fd from, string name, string path)
    {
        var there = KindAt(path);
        if (there is null)
        {
            MoveToFreePlace(from, name, path);
        }
        else if (there == EntryKind.Directory && from.StatAt(name).Kind == EntryKind.Directory)
        {
            using var directory = from.OpenDirectoryAt(name);
            MoveContent(directory, path);
        }
    }

    /// <summary>Moves all entries of a directory.</summary>
    internal void MoveContent(Fd from, string path)
    {
        foreach (var name in DirectoryReader.Names(from))
        {
            Move(from, name, BytePath.Join(path, name));
        }
    }

    private void MoveToFreePlace(Fd from, string name, string path)
    {
        var (parent, toName) = (writer.At(BytePath.DirectoryOf(path)), BytePath.NameOf(path));
        var isHidden = parent.TryStatAt(toName) is not null;
        if (isHidden)
        {
            parent.UnlinkAt(toName);
        }
        from.RenameAt(name, parent, toName);
        if (isHidden && parent.StatAt(toName).Kind == EntryKind.Directory)
        {
            // The removed whiteout hid stored entries of this path: keep them hidden.
            using var directory = parent.OpenDirectoryAt(toName);
            using var hidden = stored.OpenPath(path);
            Hiding.Hide(directory, hidden);
        }
    }

    private EntryKind? KindAt(string path)
    {
        using var view = MergedDirectory.Over(writer.Root.OpenDirectoryAt("."), stored.OpenChild("."));
        return view.LookupPath(path)?.Kind;
    }
}
