using System.Buffers.Binary;

namespace Agb.Linux;

/// <summary>A name in a directory.</summary>
/// <param name="Name">The name, raw.</param>
/// <param name="Kind">The kind, or null if only the entry's attributes tell it.</param>
internal sealed record DirectoryName(string Name, EntryKind? Kind);

/// <summary>Reads the names in a directory (getdents64(2)).</summary>
internal static unsafe class DirectoryReader
{
    private const int BufferSize = 64 * 1024;

    // Reference types: the runtime has list and sort code for them precompiled, and a listing is often a process's first and
    // only one.
    private delegate void Take(ReadOnlySpan<byte> name, byte type, ulong inode);

    /// <summary>All names except <c>.</c> and <c>..</c>, in byte order.</summary>
    internal static List<string> Names(Fd directory)
    {
        var names = new List<string>();
        Read(directory, (name, _, _) => names.Add(BytePath.FromBytes(name)));
        names.Sort(StringComparer.Ordinal);
        return names;
    }

    /// <summary>All names except <c>.</c> and <c>..</c> with the kinds recorded in the directory, in byte order.</summary>
    internal static List<DirectoryName> Entries(Fd directory)
    {
        var entries = new List<DirectoryName>();
        // In a marked directory, a file may be a whiteout.
        var hasMarks = AttributeMarks.Has(directory);
        Read(directory, (name, type, _) => entries.Add(
            new DirectoryName(BytePath.FromBytes(name), KindOf(type) is { } kind && !(hasMarks && kind == EntryKind.File) ? kind : null)));
        entries.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        return entries;
    }

    /// <summary>All names except <c>.</c> and <c>..</c> with their inodes, in the order of the file system.</summary>
    internal static List<(string Name, EntryKind? Kind, ulong Inode)> Inodes(Fd directory)
    {
        var entries = new List<(string, EntryKind?, ulong)>();
        Read(directory, (name, type, inode) => entries.Add((BytePath.FromBytes(name), KindOf(type), inode)));
        return entries;
    }

    private static void Read(Fd directory, Take take)
    {
        var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            if (directory.WasListed)
            {
                Posix.Lseek(directory.Number, 0, Posix.SEEK_SET);
            }
            directory.WasListed = true;
            fixed (byte* p = buffer)
            {
                while (true)
                {
                    var read = Posix.Getdents64(directory.Number, p, BufferSize);
                    if (read < 0)
                    {
                        throw PosixException.Last("readdir", directory.Path);
                    }
                    if (read == 0)
                    {
                        break;
                    }
                    Parse(new ReadOnlySpan<byte>(p, (int)read), take);
                }
            }
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // struct linux_dirent64: ino (8), off (8), reclen (2), type (1), name with end mark.
    private static void Parse(ReadOnlySpan<byte> records, Take take)
    {
        while (records.Length > 0)
        {
            int length = BinaryPrimitives.ReadUInt16LittleEndian(records[16..]);
            var name = records[19..length];
            name = name[..name.IndexOf((byte)0)];
            if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8))
            {
                take(name, records[18], BinaryPrimitives.ReadUInt64LittleEndian(records));
            }
            records = records[length..];
        }
    }

    // DT_REG, DT_DIR, DT_LNK, DT_FIFO (readdir(3)). A character device may be a whiteout, and some file systems record no kind.
    private static EntryKind? KindOf(byte type) => type switch
    {
        8 => EntryKind.File,
        4 => EntryKind.Directory,
        10 => EntryKind.Symlink,
        1 => EntryKind.Fifo,
        _ => null,
    };
}
