using System.IO.Hashing;

namespace Agb.Store;

/// <summary>One entry of a layer in its sums.</summary>
/// <param name="Path">Raw, relative to the layer's tree; empty for the root.</param>
/// <param name="Kind">Kind of the entry.</param>
/// <param name="Mode">Permission bits; 0 for symlinks and whiteouts.</param>
/// <param name="Size">Bytes of a file; 0 for other kinds.</param>
/// <param name="MtimeNs">Nanoseconds since 1970; 0 for a whiteout.</param>
/// <param name="Opaque">Whether the entry is an opaque directory: it hides lower layers.</param>
/// <param name="XattrHash">Hash of a directory's extended attributes; those of a file count as its content.</param>
/// <param name="Target">Target of a symlink, raw.</param>
/// <param name="Content">Hash of a file's content and attributes; null if not computed.</param>
internal readonly record struct LayerEntry(
    string Path, EntryKind Kind, uint Mode, long Size, long MtimeNs, bool Opaque, ulong XattrHash, string Target, UInt128? Content)
{
    /// <summary>The entry without its content hash.</summary>
    internal LayerEntry WithoutContent => this with { Content = null };
}

/// <summary>Reads a layer's tree into entries, parents before children, in byte order.</summary>
internal sealed class LayerWalk(CancellationToken cancellationToken)
{
    private const int BlockSize = 256 * 1024;

    private readonly byte[] _block = GC.AllocateUninitializedArray<byte>(BlockSize);

    /// <summary>Number of hashed content bytes.</summary>
    internal long BytesHashed { get; private set; }

    /// <summary>Lists a tree.</summary>
    /// <param name="tree">The layer's tree.</param>
    /// <param name="content">Hashes the content of a file, from its open directory and its name.</param>
    internal List<LayerEntry> Read(Fd tree, Func<LayerEntry, Fd, string, UInt128?> content)
    {
        var entries = new List<LayerEntry> { OfDirectory("", tree.Stat(), tree) };
        ReadDirectory(tree, "", content, entries, mayShare: false);
        return entries;
    }

    /// <summary>Lists a tree without its content; a large tree in several threads.</summary>
    internal List<LayerEntry> Read(Fd tree)
    {
        var entries = new List<LayerEntry> { OfDirectory("", tree.Stat(), tree) };
        ReadDirectory(tree, "", (_, _, _) => null, entries, mayShare: true);
        return entries;
    }

    /// <summary>Hashes a file's content and its attributes.</summary>
    internal UInt128 Hash(Fd directory, string name)
    {
        using var file = directory.OpenReadAt(name);
        var hash = new XxHash128();
        for (long offset = 0; ;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var read = ReadBlock(file, offset);
            if (read == 0)
            {
                break;
            }
            hash.Append(_block.AsSpan(0, read));
            offset += read;
            BytesHashed += read;
        }
        foreach (var (attribute, value) in Xattrs.Read(file).OrderBy(a => a.Name, StringComparer.Ordinal))
        {
            hash.Append(Raw.Z(attribute));
            hash.Append(BitConverter.GetBytes(value.Length));
            hash.Append(value);
        }
        return hash.GetCurrentHashAsUInt128();
    }

    private unsafe int ReadBlock(Fd file, long offset)
    {
        FaultSeam.BeforeRead(file.Path);
        fixed (byte* p = _block)
        {
            var read = Posix.Pread(file.Number, p, BlockSize, offset);
            return read >= 0 ? (int)read : throw PosixException.Last("read", file.Path);
        }
    }

    private void ReadDirectory(
        Fd directory, string path, Func<LayerEntry, Fd, string, UInt128?> content, List<LayerEntry> entries, bool mayShare)
    {
        cancellationToken.ThrowIfCancellationRequested();
        SharedWork.List(DirectoryReader.Names(directory), entries, mayShare, (name, found, mayShareBelow) =>
            ReadEntry(directory, path, name, content, found, mayShareBelow));
    }

    private void ReadEntry(
        Fd directory, string path, string name, Func<LayerEntry, Fd, string, UInt128?> content, List<LayerEntry> entries, bool mayShare)
    {
        var (stat, childPath) = (directory.StatAt(name), Raw.Join(path, name));
        if (stat.Kind == EntryKind.Directory)
        {
            using var child = directory.OpenDirectoryAt(name);
            entries.Add(OfDirectory(childPath, stat, child));
            ReadDirectory(child, childPath, content, entries, mayShare);
            return;
        }
        var entry = OfOther(childPath, stat, directory, name);
        entries.Add(stat.Kind == EntryKind.File ? entry with { Content = content(entry, directory, name) } : entry);
    }

    /// <summary>Creates the entry of a non-directory.</summary>
    internal static LayerEntry OfOther(string path, FileStat stat, Fd directory, string name) => stat.Kind switch
    {
        EntryKind.File => new LayerEntry(path, stat.Kind, stat.Permissions, stat.Size, stat.MtimeNs, false, 0, "", null),
        EntryKind.Symlink => new LayerEntry(path, stat.Kind, 0, 0, stat.MtimeNs, false, 0, directory.ReadLinkAt(name), null),
        EntryKind.Whiteout => new LayerEntry(path, stat.Kind, 0, 0, 0, false, 0, "", null),
        _ => new LayerEntry(path, stat.Kind, stat.Permissions, 0, stat.MtimeNs, false, 0, "", null),
    };

    /// <summary>Creates the entry of a directory.</summary>
    internal static LayerEntry OfDirectory(string path, FileStat stat, Fd directory) => new(
        path, EntryKind.Directory, stat.Permissions, 0, stat.MtimeNs, Xattrs.IsOpaque(directory), Xattrs.Hash(directory), "", null);
}
