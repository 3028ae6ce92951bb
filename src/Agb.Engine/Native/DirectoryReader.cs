using System.Buffers.Binary;

namespace Agb.Engine.Native;

/// <summary>Reads the names in a directory (getdents64(2)).</summary>
internal static unsafe class DirectoryReader
{
    private const int BufferSize = 64 * 1024;

    /// <summary>All names except <c>.</c> and <c>..</c>, in byte order.</summary>
    internal static List<string> Names(Fd directory)
    {
        var names = new List<string>();
        var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            Posix.Lseek(directory.Number, 0, Posix.SEEK_SET);
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
                    Parse(new ReadOnlySpan<byte>(p, (int)read), names);
                }
            }
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }
        names.Sort(StringComparer.Ordinal);
        return names;
    }

    // struct linux_dirent64: ino (8), off (8), reclen (2), type (1), name with end mark.
    private static void Parse(ReadOnlySpan<byte> records, List<string> names)
    {
        while (records.Length > 0)
        {
            int length = BinaryPrimitives.ReadUInt16LittleEndian(records[16..]);
            var name = records[19..length];
            name = name[..name.IndexOf((byte)0)];
            if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8))
            {
                names.Add(Raw.FromBytes(name));
            }
            records = records[length..];
        }
    }
}
