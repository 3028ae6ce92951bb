namespace Agb.Linux;

/// <summary>Compares the content of two files.</summary>
internal static class FileComparer
{
    private const int BlockSize = 128 * 1024;

    /// <summary>Whether two files hold the same bytes. Common holes are not read: a session can make a sparse file of exabytes,
    /// and reading it would take for ever.</summary>
    internal static bool SameContent(Fd a, Fd b)
    {
        var size = a.Stat().Size;
        if (b.Stat().Size != size)
        {
            return false;
        }
        var (x, y) = (new byte[BlockSize], new byte[BlockSize]);
        for (var offset = NextBlock(a, b, 0, size); offset < size; offset = NextBlock(a, b, offset + BlockSize, size))
        {
            // At most the size at the beginning, however fast a session writes to its file.
            var most = (int)Math.Min(BlockSize, size - offset);
            var (n, m) = (a.Read(x.AsSpan(0, most), offset), b.Read(y.AsSpan(0, most), offset));
            if (n != m || !x.AsSpan(0, n).SequenceEqual(y.AsSpan(0, m)))
            {
                return false;
            }
        }
        // A file truncated meanwhile ends in an apparent hole.
        return a.Stat().Size == size && b.Stat().Size == size;
    }

    /// <summary>The first block with data in either file from an offset on, or the size.</summary>
    private static long NextBlock(Fd a, Fd b, long offset, long size)
    {
        var next = Math.Min(NextData(a, offset, size), NextData(b, offset, size));
        return next == size ? size : Math.Max(offset, next / BlockSize * BlockSize);
    }

    private static long NextData(Fd file, long offset, long size)
    {
        var data = Posix.Lseek(file.Number, offset, Posix.SEEK_DATA);
        if (data >= 0)
        {
            return Math.Min(data, size);
        }
        return Marshal.GetLastPInvokeError() switch
        {
            Errno.ENXIO => size,
            // The file system can't tell holes: data everywhere.
            Errno.EINVAL => offset,
            var errno => throw new PosixException("lseek", file.Path, errno),
        };
    }
}
