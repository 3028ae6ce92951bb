namespace Agb.Engine.Native;

/// <summary>Compares the content of two files.</summary>
internal static unsafe class FileComparer
{
    private const int BlockSize = 128 * 1024;

    internal static bool SameContent(Fd a, Fd b)
    {
        var (x, y) = (new byte[BlockSize], new byte[BlockSize]);
        for (long offset = 0; ; offset += BlockSize)
        {
            var (n, m) = (Read(a, x, offset), Read(b, y, offset));
            if (n != m || !x.AsSpan(0, n).SequenceEqual(y.AsSpan(0, m)))
            {
                return false;
            }
            if (n < BlockSize)
            {
                return true;
            }
        }
    }

    private static int Read(Fd file, byte[] buffer, long offset)
    {
        var total = 0;
        fixed (byte* p = buffer)
        {
            while (total < buffer.Length)
            {
                var read = Posix.Pread(file.Number, p + total, (nuint)(buffer.Length - total), offset + total);
                if (read < 0)
                {
                    throw PosixException.Last("read", file.Path);
                }
                if (read == 0)
                {
                    break;
                }
                total += (int)read;
            }
        }
        return total;
    }
}
