using System.IO.Hashing;

namespace Agb.Store;

/// <summary>One entry of a layer in its sums.</summary>
internal readonly record struct LayerEntry
{
    /// <summary>Raw, relative to the layer's tree; empty for the root.</summary>
    internal required string Path { get; init; }

    /// <summary>Kind of the entry.</summary>
    internal required EntryKind Kind { get; init; }

    /// <summary>Permission bits; 0 for symlinks and whiteouts.</summary>
    internal uint Mode { get; init; }

    /// <summary>Bytes of a file; 0 for other kinds.</summary>
    internal long Size { get; init; }

    /// <summary>Nanoseconds since 1970; 0 for a whiteout.</summary>
    internal long MtimeNs { get; init; }

    /// <summary>Whether the entry is an opaque directory: it hides lower layers.</summary>
    internal bool Opaque { get; init; }

    /// <summary>Hash of a directory's extended attributes; those of a file count as its content.</summary>
    internal ulong XattrHash { get; init; }

    /// <summary>Target of a symlink, raw; else empty.</summary>
    internal required string Target { get; init; }

    /// <summary>Hash of a file's content and attributes; null if not computed.</summary>
    internal UInt128? Content { get; init; }

    /// <summary>The entry without its content hash.</summary>
    internal LayerEntry WithoutContent => this with { Content = null };
}

/// <summary>Reads a layer's tree into entries, parents before children, in byte order.</summary>
internal sealed class LayerWalk(CancellationToken cancellationToken)
{
    private const int BlockSize = 256 * 1024;

    private byte[]? _block;

    /// <summary>Number of hashed content bytes.</summary>
    internal long BytesHashed { get; private set; }

    /// <summary>Lists a tree without content; a large one in several threads.</summary>
    internal List<LayerEntry> Read(Fd tree)
    {
        var entries = new List<LayerEntry> { OfDirectory("", tree.Stat(), tree) };
        ReadDirectory(tree, "", entries, mayShare: true);
        return entries;
    }

    /// <summary>Hashes a file's content and its attributes.</summary>
    internal UInt128 Hash(Fd directory, string name)
    {
        using var file = directory.OpenReadAt(name);
        var block = _block ??= GC.AllocateUninitializedArray<byte>(BlockSize);
        var hash = new XxHash128();
        var read = BlockSize;
        // A short read is the end.
        for (long offset = 0; read == BlockSize; offset += read)
        {
            cancellationToken.ThrowIfCancellationRequested();
            FaultSeam.BeforeRead(file.Path);
            read = file.Read(block, offset);
            hash.Append(block.AsSpan(0, read));
            BytesHashed += read;
        }
        foreach (var (attribute, value) in Xattrs.Read(file).OrderBy(a => a.Name, StringComparer.Ordinal))
        {
            hash.Append(BytePath.Z(attribute));
            hash.Append(BitConverter.GetBytes(value.Length));
            hash.Append(value);
        }
        return hash.GetCurrentHashAsUInt128();
    }

    private void ReadDirectory(Fd directory, string path, List<LayerEntry> entries, bool mayShare)
    {
        cancellationToken.ThrowIfCancellationRequested();
        SharedWork.List(DirectoryReader.Names(directory), entries, mayShare, (name, found, mayShareBelow) =>
            ReadEntry(directory, path, name, found, mayShareBelow));
    }

    private void ReadEntry(Fd directory, string path, string name, List<LayerEntry> entries, bool mayShare)
    {
        var (stat, childPath) = (directory.StatAt(name), BytePath.Join(path, name));
        if (stat.Kind == EntryKind.Directory)
        {
            using var child = directory.OpenDirectoryAt(name);
            entries.Add(OfDirectory(childPath, stat, child));
            ReadDirectory(child, childPath, entries, mayShare);
            return;
        }
        entries.Add(OfOther(childPath, stat, directory, name));
    }

    /// <summary>Creates the entry of a non-directory.</summary>
    internal static LayerEntry OfOther(string path, FileStat stat, Fd directory, string name) => stat.Kind switch
    {
        EntryKind.File => new LayerEntry
        {
            Path = path, Kind = stat.Kind, Mode = stat.Permissions, Size = stat.Size, MtimeNs = stat.MtimeNs, Target = "",
        },
        EntryKind.Symlink => new LayerEntry { Path = path, Kind = stat.Kind, MtimeNs = stat.MtimeNs, Target = directory.ReadLinkAt(name) },
        EntryKind.Whiteout => new LayerEntry { Path = path, Kind = stat.Kind, Target = "" },
        _ => new LayerEntry { Path = path, Kind = stat.Kind, Mode = stat.Permissions, MtimeNs = stat.MtimeNs, Target = "" },
    };

    /// <summary>Creates the entry of a directory.</summary>
    internal static LayerEntry OfDirectory(string path, FileStat stat, Fd directory) => new()
    {
        Path = path,
        Kind = EntryKind.Directory,
        Mode = stat.Permissions,
        MtimeNs = stat.MtimeNs,
        Opaque = Xattrs.IsOpaque(directory),
        XattrHash = Xattrs.Hash(directory),
        Target = "",
    };
}
