namespace Agb.Linux;

/// <summary>The index in an overlay's work directory of lower files with several names. After a session's write to one name,
/// the other names show it too, but the upper directory has only the written one: the others are copied up before an upload
/// reads it. (Kernel 6.18, Documentation/filesystems/overlayfs.rst, "Inode properties"; fs/overlayfs/overlayfs.h for the form
/// of the names.)</summary>
internal static class OverlayLinkIndex
{
    // struct ovl_fh as hexadecimal digits: version 0, mark, length, flags, type, 16 bytes of the file system's UUID, the handle.
    private const byte Mark = 0xFB;
    private const int HeaderBytes = 21;
    private const int TypeAt = 4;

    /// <summary>The inodes, in the lower layers, of all files in the index.</summary>
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

    private static byte[]? Parse(string name)
    {
        var bytes = new byte[name.Length / 2];
        return Convert.FromHexString(name, bytes, out _, out var length) == System.Buffers.OperationStatus.Done
            && length > HeaderBytes && bytes[0] == 0 && bytes[1] == Mark && bytes[2] == length
            ? bytes
            : null;
    }
}
