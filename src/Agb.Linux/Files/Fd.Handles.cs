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
}
