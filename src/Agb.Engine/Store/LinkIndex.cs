using Agb.Engine.Native;

namespace Agb.Engine.Store;

/// <summary>The index that an overlay keeps in its work directory of files with several names in the lower layers. When a session writes to one
/// by one name, the others show it too, but the upper directory has that name alone: the rest is brought there before an upload looks at
/// it. (Kernel 6.18, Documentation/filesystems/overlayfs.rst, "Inode properties"; fs/overlayfs/overlayfs.h for the form of the names.)</summary>
internal static class LinkIndex
{
    // struct ovl_fh as hexadecimal digits: version 0, mark, length, flags, type, 16 bytes of the file system's UUID, the handle.
    private const byte Mark = 0xFB;
    private const int HeaderBytes = 21;
    private const int TypeAt = 4;

    /// <summary>The inodes in the lower layers of the files that the index names.</summary>
    /// <param name="work">The work directory.</param>
    /// <param name="lower">Any directory of the layers' file system.</param>
    internal static HashSet<ulong> Inodes(string work, Fd lower)
    {
        var inodes = new HashSet<ulong>();
        var path = Path.Combine(work, "index");
        if (!Directory.Exists(path))
        {
            return inodes;
        }
        using var index = Fd.OpenDirectory(path);
        foreach (var name in DirectoryReader.Names(index))
        {
            if (Parse(name) is { } entry && lower.TryStatHandle(entry[TypeAt], entry.AsSpan(HeaderBytes)) is { } stat)
            {
                inodes.Add(stat.Ino);
            }
        }
        return inodes;
    }

    /// <summary>Brings all names of some files into the upper directory, as one file. What a session removes meanwhile is left out.</summary>
    /// <param name="merged">The overlay's root, mounted.</param>
    /// <param name="inodes">The files.</param>
    /// <param name="cancellationToken">Cancels.</param>
    internal static void BringUp(Fd merged, HashSet<ulong> inodes, CancellationToken cancellationToken) =>
        BringUp(merged, "", 0, merged.Stat().Device, inodes, cancellationToken);

    private static void BringUp(Fd directory, string path, int depth, ulong device, HashSet<ulong> inodes, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        TreeScanner.RequireDepth(path, depth);
        foreach (var (name, kind, inode) in DirectoryReader.Inodes(directory))
        {
            if (kind == EntryKind.File && inodes.Contains(inode))
            {
                try
                {
                    directory.BringUpAt(name);
                }
                catch (PosixException e) when (e.Errno == PosixException.ETXTBSY && directory.TryStatAt(name) is { } running)
                {
                    // A program that runs can't be opened for writing; a change of its mode to the same brings it up too.
                    directory.ChmodAt(name, running.Permissions);
                }
                catch (PosixException e) when (e.Errno is PosixException.ENOENT or PosixException.ELOOP or PosixException.EISDIR or PosixException.ENXIO)
                {
                    // A running session removed or replaced it.
                }
            }
            else if (kind == EntryKind.Directory)
            {
                using var child = directory.TryOpenDirectoryAt(name, out _);
                // Not into another mount of the session.
                if (child is not null && child.Stat().Device == device)
                {
                    BringUp(child, Raw.Join(path, name), depth + 1, device, inodes, cancellationToken);
                }
            }
        }
    }

    private static byte[]? Parse(string name)
    {
        var bytes = new byte[name.Length / 2];
        return Convert.FromHexString(name, bytes, out _, out var length) == System.Buffers.OperationStatus.Done
            && length > HeaderBytes && bytes[0] == 0 && bytes[1] == Mark && bytes[2] == length
            ? bytes
            : null;
    }
}
