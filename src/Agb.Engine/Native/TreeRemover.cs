using System.Runtime.InteropServices;

namespace Agb.Engine.Native;

/// <summary>Removes a directory tree: never follows a link, and opens directories that a session closed to their owner.</summary>
internal static class TreeRemover
{
    /// <summary>Removes a tree by its path on the host; does nothing when it does not exist.</summary>
    internal static void Remove(string path)
    {
        var parent = Path.GetDirectoryName(path.TrimEnd('/'))!;
        if (!Directory.Exists(parent))
        {
            return;
        }
        using var directory = Fd.OpenDirectory(parent);
        RemoveAt(directory, Raw.FromText(Path.GetFileName(path.TrimEnd('/'))));
    }

    /// <summary>Removes an entry and all below it; does nothing when it does not exist.</summary>
    internal static void RemoveAt(Fd parent, string name)
    {
        if (Posix.UnlinkAt(parent.Number, Raw.Z(name), 0) == 0)
        {
            return;
        }
        var errno = Marshal.GetLastPInvokeError();
        if (errno == PosixException.ENOENT)
        {
            return;
        }
        if (errno is not (PosixException.EISDIR or PosixException.EPERM))
        {
            throw new PosixException("unlink", Raw.Join(parent.Path, name), errno);
        }
        if (Posix.UnlinkAt(parent.Number, Raw.Z(name), Posix.AT_REMOVEDIR) == 0)
        {
            return;
        }
        using (var directory = OpenForRemoval(parent, name))
        {
            foreach (var child in DirectoryReader.Names(directory))
            {
                RemoveAt(directory, child);
            }
        }
        if (Posix.UnlinkAt(parent.Number, Raw.Z(name), Posix.AT_REMOVEDIR) != 0
            && Marshal.GetLastPInvokeError() != PosixException.ENOENT)
        {
            throw PosixException.Last("rmdir", Raw.Join(parent.Path, name));
        }
    }

    /// <summary>Opens a directory that is about to be removed, giving its owner the full access that removal takes.</summary>
    private static Fd OpenForRemoval(Fd parent, string name)
    {
        if (Posix.Geteuid() != 0 && parent.TryStatAt(name) is { Kind: EntryKind.Directory } stat && (stat.Permissions & 0x1C0) != 0x1C0)
        {
            parent.ChmodAt(name, stat.Permissions | 0x1C0);
        }
        return parent.OpenDirectoryAt(name);
    }
}
