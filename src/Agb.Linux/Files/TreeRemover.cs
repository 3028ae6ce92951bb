namespace Agb.Linux;

/// <summary>Removes a directory tree: never follows a link, and opens directories closed by a session to their owner.</summary>
internal static class TreeRemover
{
    private const int MaxDepth = 64;

    /// <summary>Removes a tree by its path on the host; does nothing if it does not exist.</summary>
    internal static void Remove(string path)
    {
        var parent = Path.GetDirectoryName(path.TrimEnd('/'))!;
        if (!Directory.Exists(parent))
        {
            return;
        }
        using var directory = Fd.OpenDirectory(parent);
        RemoveAt(directory, BytePath.FromText(Path.GetFileName(path.TrimEnd('/'))));
    }

    /// <summary>Removes an entry and all below it; does nothing if it does not exist.</summary>
    internal static void RemoveAt(Fd parent, string name)
    {
        if (TryRemoveAt(parent, name))
        {
            return;
        }
        // A session can nest directories deeper than descriptors or stack allow. Directories too deep are moved up to the first
        // one, and removed in the next round.
        do
        {
            using var directory = OpenForRemoval(parent, name);
            RemoveContent(directory, directory, 0);
        }
        while (!TryRemoveAt(parent, name));
    }

    /// <summary>Removes an entry, except a directory with content.</summary>
    private static bool TryRemoveAt(Fd parent, string name)
    {
        FaultSeam.Before("remove", BytePath.Join(parent.Path, name));
        if (Posix.UnlinkAt(parent.Number, BytePath.Z(name), 0) == 0)
        {
            return true;
        }
        var errno = Marshal.GetLastPInvokeError();
        if (errno is Errno.EISDIR or Errno.EPERM)
        {
            if (Posix.UnlinkAt(parent.Number, BytePath.Z(name), Posix.AT_REMOVEDIR) == 0)
            {
                return true;
            }
            errno = Marshal.GetLastPInvokeError();
        }
        return errno switch
        {
            Errno.ENOENT => true,
            Errno.ENOTEMPTY or Errno.EEXIST => false,
            Errno.EACCES when parent.TryStatAt(name) is { Kind: EntryKind.Directory } => false,
            _ => throw new PosixException("remove", BytePath.Join(parent.Path, name), errno),
        };
    }

    private static void RemoveContent(Fd directory, Fd top, int depth)
    {
        foreach (var child in DirectoryReader.Names(directory))
        {
            if (TryRemoveAt(directory, child))
            {
                continue;
            }
            using (var opened = OpenForRemoval(directory, child))
            {
                if (depth < MaxDepth)
                {
                    RemoveContent(opened, top, depth + 1);
                }
                else
                {
                    directory.RenameAt(child, top, ".agb-remove-" + Guid.NewGuid().ToString("N"));
                    continue;
                }
            }
            // The moved directories lie elsewhere by now, so this one is empty.
            directory.RmdirAt(child);
        }
    }

    /// <summary>Opens a directory for its removal, with full access for its owner.</summary>
    private static Fd OpenForRemoval(Fd parent, string name)
    {
        if (Posix.Geteuid() != 0 && parent.TryStatAt(name) is { Kind: EntryKind.Directory } stat && (stat.Permissions & FileModes.OwnerAll) != FileModes.OwnerAll)
        {
            parent.ChmodAt(name, stat.Permissions | FileModes.OwnerAll);
        }
        return parent.OpenDirectoryAt(name);
    }
}
