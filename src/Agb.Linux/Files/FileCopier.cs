namespace Agb.Linux;

/// <summary>Copies the content of files inside the kernel, holes as holes.</summary>
internal static unsafe class FileCopier
{
    private const int SmallFile = 64 * 1024;
    private const int LargeBuffer = 1 << 20;

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
            return CopyByBuffer(from, to, 0, size, copied);
        }
        long position = 0;
        while (position < size)
        {
            var data = Posix.Lseek(from.Number, position, Posix.SEEK_DATA);
            if (data < 0 && Marshal.GetLastPInvokeError() is var errno and not Errno.ENXIO)
            {
                // The file system can't tell holes: data everywhere. Any other error must not pass for a hole.
                data = errno == Errno.EINVAL ? position : throw new PosixException("lseek", from.Path, errno);
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

    /// <summary>Gives a new file the attributes of another: extended ones, the owner of stored files, mode and time.</summary>
    internal static void CopyAttributes(Fd from, Fd to, in FileStat stat)
    {
        Xattrs.Copy(from, to);
        // A change of the owner clears set-id bits (chown(2)), so the mode comes after it.
        SessionOwner.ChownToSession(to);
        to.Chmod(stat.Permissions);
        to.SetMtime(stat.MtimeNs);
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
                if (errno is Errno.EXDEV or Errno.EINVAL or Errno.ENOSYS or Errno.EOPNOTSUPP)
                {
                    return CopyByBuffer(from, to, source, end, reported);
                }
                if (errno != Errno.EINTR)
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
        var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent((int)Math.Min(LargeBuffer, end - start));
        try
        {
            while (start < end)
            {
                var read = from.Read(buffer.AsSpan(0, (int)Math.Min(buffer.Length, end - start)), start);
                if (read == 0)
                {
                    break;
                }

                to.Write(buffer.AsSpan(0, read), start);
                start += read;
                reported?.Invoke(read);
            }

            return start;
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
