using System.Runtime.InteropServices;

namespace Agb.Linux;

/// <summary>Copies the content of files inside the kernel, holes as holes.</summary>
internal static unsafe class FileCopier
{
    private const int SmallFile = 64 * 1024;

    // Small enough for a few reports a second on any device, large enough to cost nothing.
    private const int ReportedRange = 32 << 20;

    /// <summary>Copies the first <paramref name="size"/> bytes.</summary>
    /// <param name="from">The source.</param>
    /// <param name="to">The target; an empty file.</param>
    /// <param name="size">The number of bytes.</param>
    /// <param name="copied">Receives the number of bytes as they are copied, or null. Holes are not counted.</param>
    /// <returns>The number of bytes found in the source.</returns>
    internal static long Copy(Fd from, Fd to, long size, Action<long>? copied = null)
    {
        if (size == 0)
        {
            return 0;
        }
        if (size <= SmallFile)
        {
            var all = CopySmall(from, to, (int)size);
            copied?.Invoke(all);
            return all;
        }
        long position = 0;
        while (position < size)
        {
            var data = Posix.Lseek(from.Number, position, Posix.SEEK_DATA);
            if (data < 0 && Marshal.GetLastPInvokeError() is var errno and not PosixException.ENXIO)
            {
                // The file system can't tell holes: data everywhere. Any other error must not pass for a hole.
                data = errno == PosixException.EINVAL ? position : throw new PosixException("lseek", from.Path, errno);
            }
            if (data < 0 || data >= size)
            {
                // ENXIO: nothing but a hole up to the end (lseek(2)).
                break;
            }
            var hole = Posix.Lseek(from.Number, data, Posix.SEEK_HOLE);
            var end = hole < 0 ? size : Math.Min(hole, size);
            position = CopyRange(from, to, data, end, copied);
            if (position < end)
            {
                // The source was truncated during the copy.
                break;
            }
        }
        var actual = Math.Min(size, from.Stat().Size);
        FaultSeam.Before("ftruncate", to.Path);
        if (Posix.Ftruncate(to.Number, actual) != 0)
        {
            throw PosixException.Last("ftruncate", to.Path);
        }
        return actual;
    }

    /// <summary>Writes bytes at an offset.</summary>
    internal static void Write(Fd to, ReadOnlySpan<byte> bytes, long offset)
    {
        fixed (byte* p = bytes)
        {
            WriteAll(to, p, bytes.Length, offset);
        }
    }

    private static long CopySmall(Fd from, Fd to, int size)
    {
        var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(size);
        try
        {
            var total = 0;
            fixed (byte* p = buffer)
            {
                while (total < size)
                {
                    var read = Posix.Pread(from.Number, p + total, (nuint)(size - total), total);
                    if (read < 0)
                    {
                        throw PosixException.Last("read", from.Path);
                    }
                    if (read == 0)
                    {
                        break;
                    }
                    total += (int)read;
                }
                WriteAll(to, p, total, 0);
            }
            return total;
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static long CopyRange(Fd from, Fd to, long start, long end, Action<long>? reported)
    {
        long source = start;
        long target = start;
        while (source < end)
        {
            var most = Math.Min(end - source, reported is null ? 1 << 30 : ReportedRange);
            var copied = Posix.CopyFileRange(
                from.Number, &source, to.Number, &target, FaultSeam.BeforeWrite("copy_file_range", to.Path, (nuint)most), 0);
            if (copied == 0)
            {
                break;
            }
            if (copied < 0)
            {
                var errno = Marshal.GetLastPInvokeError();
                if (errno is PosixException.EXDEV or PosixException.EINVAL or PosixException.ENOSYS or PosixException.EOPNOTSUPP)
                {
                    return CopyByBuffer(from, to, source, end, reported);
                }
                if (errno != PosixException.EINTR)
                {
                    throw new PosixException("copy_file_range", to.Path, errno);
                }
                continue;
            }
            // The device writes during the rest of the copy; else all of it would wait for the flush. Only a hint: the flush
            // reports write errors.
            _ = Posix.SyncFileRange(to.Number, target - copied, copied, Posix.SYNC_FILE_RANGE_WRITE);
            reported?.Invoke(copied);
        }
        return source;
    }

    private static long CopyByBuffer(Fd from, Fd to, long start, long end, Action<long>? reported)
    {
        const int size = 1 << 20;
        var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(size);
        try
        {
            fixed (byte* p = buffer)
            {
                while (start < end)
                {
                    var read = Posix.Pread(from.Number, p, (nuint)Math.Min(size, end - start), start);
                    if (read < 0)
                    {
                        throw PosixException.Last("read", from.Path);
                    }
                    if (read == 0)
                    {
                        break;
                    }
                    WriteAll(to, p, (int)read, start);
                    start += read;
                    reported?.Invoke(read);
                }
            }
            return start;
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static void WriteAll(Fd to, byte* p, int count, long offset)
    {
        var done = 0;
        while (done < count)
        {
            var written = Posix.Pwrite(to.Number, p + done, FaultSeam.BeforeWrite("write", to.Path, (nuint)(count - done)), offset + done);
            if (written < 0)
            {
                throw PosixException.Last("write", to.Path);
            }
            done += (int)written;
        }
    }
}
