namespace Agb.Linux;

internal sealed unsafe partial class Fd
{
    /// <summary>The attributes of a file of this file system by its kernel handle (open_by_handle_at(2)). For root only.</summary>
    /// <param name="type">The handle's type.</param>
    /// <param name="handle">The handle.</param>
    /// <returns>Null if the file is gone.</returns>
    internal FileStat? TryStatHandle(int type, ReadOnlySpan<byte> handle)
    {
        // struct file_handle: its length, its type, its bytes.
        var buffer = new byte[8 + handle.Length];
        MemoryMarshal.Write(buffer, handle.Length);
        MemoryMarshal.Write(buffer.AsSpan(4), type);
        handle.CopyTo(buffer.AsSpan(8));
        var number = Posix.OpenByHandleAt(Number, buffer, Posix.O_PATH | Posix.O_CLOEXEC);
        if (number >= 0)
        {
            using var file = new Fd(number, _path, opened: null);
            return file.Stat();
        }
        var errno = Marshal.GetLastPInvokeError();
        return errno == Errno.ESTALE ? null : throw new PosixException("open by handle", _path, errno);
    }

    /// <summary>Opens a file for writing and closes it again, so an overlay copies it up to its upper directory.</summary>
    internal void BringUpAt(string name)
    {
        FaultSeam.Before("open", BytePath.Join(_path, name));
        using var file = Open(this, name, Posix.O_WRONLY | Posix.O_NOFOLLOW | Posix.O_NONBLOCK);
    }

    /// <summary>Opens an existing file of the engine for reading and writing.</summary>
    internal Fd OpenWriteAt(string name)
    {
        FaultSeam.Before("open", BytePath.Join(_path, name));
        return Open(this, name, Posix.O_RDWR | Posix.O_NOFOLLOW | Posix.O_NONBLOCK);
    }

    /// <summary>Sets the size of a file; new bytes are a hole.</summary>
    internal void Truncate(long size) => Check(Posix.Ftruncate(At("ftruncate", ""), size), "ftruncate", "");

    /// <summary>Takes the lock of an open file (flock(2)), held until its last descriptor is closed.</summary>
    /// <returns>False if another holder prevents it.</returns>
    internal bool TryLock(bool shared)
    {
        while (Posix.Flock(Number, (shared ? Posix.LOCK_SH : Posix.LOCK_EX) | Posix.LOCK_NB) != 0)
        {
            var errno = Marshal.GetLastPInvokeError();
            if (errno != Errno.EINTR)
            {
                return errno == Errno.EAGAIN ? false : throw new PosixException("flock", _path, errno);
            }
        }
        return true;
    }

    /// <summary>The first byte of data from an offset on; null for a hole up to the end. Without support by the file system all
    /// is data.</summary>
    internal long? NextData(long offset)
    {
        var data = Posix.Lseek(Number, offset, Posix.SEEK_DATA);
        if (data >= 0)
        {
            return data;
        }
        return Marshal.GetLastPInvokeError() switch
        {
            Errno.ENXIO => null,
            Errno.EINVAL => offset,
            var errno => throw new PosixException("lseek", _path, errno),
        };
    }
}
