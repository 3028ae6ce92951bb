using Microsoft.Win32.SafeHandles;

namespace Agb.Linux;

/// <summary>An open file or directory, and operations relative to it. Names are raw (see <see cref="BytePath"/>); no operation
/// follows a symlink in its last name.</summary>
internal sealed unsafe partial class Fd : SafeHandleZeroOrMinusOneIsInvalid
{
    private static readonly byte[] s_empty = [0];
    private static readonly bool s_isRoot = Posix.Geteuid() == 0;
    private readonly string _path;

    // Set if the entry had to be opened up.
    private TemporaryAccess? _opened;

    private Fd(int fd, string path, TemporaryAccess? opened)
        : base(ownsHandle: true)
    {
        SetHandle(fd);
        _path = path;
        _opened = opened;
    }

    /// <summary>The number of the descriptor.</summary>
    /// <exception cref="ObjectDisposedException">The descriptor is closed; its number may belong to another file by now.</exception>
    internal int Number => IsClosed ? throw new ObjectDisposedException(BytePath.ToDisplay(_path)) : (int)handle;

    /// <summary>Whether the permissions were widened for the open; they are restored on close.</summary>
    internal bool IsWidened => _opened is not null;

    /// <summary>Whether the names were read; the next listing has to seek back to the start.</summary>
    internal bool WasListed { get; set; }

    /// <summary>The path at the open, for messages.</summary>
    internal string Path => _path;

    /// <summary>Opens a directory by its path on the host, given as text.</summary>
    internal static Fd OpenDirectory(string path) => Open(null, BytePath.FromText(path), Posix.O_RDONLY | Posix.O_DIRECTORY);

    /// <summary>Opens a directory inside this one; a symlink is refused.</summary>
    internal Fd OpenDirectoryAt(string name) =>
        TryOpenDirectoryAt(name, out var errno) ?? throw new PosixException("open", BytePath.Join(_path, name), errno);

    /// <summary>Tries to open a directory inside this one; a symlink is refused.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="errno">The error of a null result: ENOENT, or ENOTDIR for an entry of another kind.</param>
    internal Fd? TryOpenDirectoryAt(string name, out int errno)
    {
        var directory = TryOpen(this, name, Posix.O_RDONLY | Posix.O_DIRECTORY | Posix.O_NOFOLLOW, 0, out errno);
        if (directory is null)
        {
            return errno is Errno.ENOENT or Errno.ENOTDIR ? null : throw new PosixException("open", BytePath.Join(_path, name), errno);
        }
        try
        {
            directory.WidenSearch();
            return directory;
        }
        catch
        {
            directory.Dispose();
            throw;
        }
    }

    /// <summary>Opens a directory inside this one as a place alone (O_PATH), whatever its permissions; a symlink is refused.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="errno">The error of a null result: ENOENT, or ENOTDIR for an entry of another kind.</param>
    internal Fd? TryOpenPlaceAt(string name, out int errno) =>
        TryOpen(this, name, Posix.O_PATH | Posix.O_DIRECTORY | Posix.O_NOFOLLOW, 0, out errno)
        ?? (errno is Errno.ENOENT or Errno.ENOTDIR ? null : throw new PosixException("open", BytePath.Join(_path, name), errno));

    /// <summary>Opens a file or directory for reading its content; a FIFO does not block.</summary>
    internal Fd OpenReadAt(string name) => Open(this, name, Posix.O_RDONLY | Posix.O_NOFOLLOW | Posix.O_NONBLOCK);

    /// <summary>Creates a new file, readable and writable by the engine alone until its mode is set.</summary>
    internal Fd CreateAt(string name)
    {
        FaultSeam.Before("create", BytePath.Join(_path, name));
        return Open(this, name, Posix.O_WRONLY | Posix.O_CREAT | Posix.O_EXCL | Posix.O_NOFOLLOW, FileModes.OwnerFile);
    }

    /// <summary>Creates a file or opens it, for locking.</summary>
    internal static Fd OpenLock(string path) =>
        Open(null, BytePath.FromText(path), Posix.O_RDWR | Posix.O_CREAT, FileModes.OwnerFile);

    /// <summary>Opens a lock's file for a shared lock in a read-only store; without the file, a directory above it.</summary>
    internal static Fd OpenLockToRead(string path) =>
        TryOpen(null, BytePath.FromText(path), Posix.O_RDONLY, 0, out var errno)
        ?? (errno == Errno.ENOENT && System.IO.Path.GetDirectoryName(path) is { } above
            ? OpenLockToRead(above)
            : throw new PosixException("open", BytePath.FromText(path), errno));

    /// <summary>Opens a file for locking; null when there is none.</summary>
    internal static Fd? TryOpenLock(string path)
    {
        var raw = BytePath.FromText(path);
        return TryOpen(null, raw, Posix.O_RDWR, 0, out var errno) ?? errno switch
        {
            Errno.EROFS => Open(null, raw, Posix.O_RDONLY),
            Errno.ENOENT => null,
            _ => throw new PosixException("open", raw, errno),
        };
    }

    /// <summary>The attributes of an entry, or null when there is none.</summary>
    internal FileStat? TryStatAt(string name)
    {
        while (true)
        {
            var changes = TemporaryAccess.Changes;
            if (Posix.StatX(Number, BytePath.Z(name), Posix.AT_SYMLINK_NOFOLLOW, Posix.STATX_BASIC_STATS | Posix.STATX_BTIME, out var buffer) == 0)
            {
                if (!TemporaryAccess.MayConcern(changes))
                {
                    return WithMark(name, FileStat.From(buffer));
                }
                lock (TemporaryAccess.Gate)
                {
                    if (Posix.StatX(Number, BytePath.Z(name), Posix.AT_SYMLINK_NOFOLLOW, Posix.STATX_BASIC_STATS | Posix.STATX_BTIME, out buffer) == 0)
                    {
                        return WithMark(name, TemporaryAccess.AsLeft(FileStat.From(buffer)));
                    }
                }
            }
            var errno = Marshal.GetLastPInvokeError();
            if (errno is Errno.ENOENT or Errno.ENOTDIR)
            {
                return null;
            }
            if (errno != Errno.EACCES || !WidenSearch())
            {
                throw new PosixException("stat", BytePath.Join(_path, name), errno);
            }
        }
    }

    private FileStat WithMark(string name, in FileStat stat) =>
        stat is { Kind: EntryKind.File, Size: 0 } && AttributeMarks.IsWhiteout(this, name) ? stat with { Kind = EntryKind.Whiteout } : stat;

    /// <summary>The attributes of an entry.</summary>
    internal FileStat StatAt(string name) =>
        TryStatAt(name) ?? throw new PosixException("stat", BytePath.Join(_path, name), Errno.ENOENT);

    /// <summary>The attributes of this file or directory, with its permissions before any widening here.</summary>
    internal FileStat Stat()
    {
        var changes = TemporaryAccess.Changes;
        var stat = Posix.Stat(Number, _path);
        if (!TemporaryAccess.MayConcern(changes))
        {
            return stat;
        }
        lock (TemporaryAccess.Gate)
        {
            return TemporaryAccess.AsLeft(Posix.Stat(Number, _path));
        }
    }

    internal void MkdirAt(string name, uint mode = FileModes.OwnerAll) => Check(Posix.MkdirAt(At("mkdir", name), BytePath.Z(name), mode), "mkdir", name);

    internal void UnlinkAt(string name) => Check(Posix.UnlinkAt(At("unlink", name), BytePath.Z(name), 0), "unlink", name);

    internal void RmdirAt(string name) => Check(Posix.UnlinkAt(At("rmdir", name), BytePath.Z(name), Posix.AT_REMOVEDIR), "rmdir", name);

    internal void SymlinkAt(string target, string name) =>
        Check(Posix.SymlinkAt(BytePath.Z(target), At("symlink", name), BytePath.Z(name)), "symlink", name);

    internal void RenameAt(string name, Fd newDirectory, string newName) =>
        Check(Posix.RenameAt(At("rename", name), BytePath.Z(name), newDirectory.Number, BytePath.Z(newName)), "rename", name);

    internal void MkfifoAt(string name) => Check(Posix.MknodAt(At("mkfifo", name), BytePath.Z(name), Posix.S_IFIFO | FileModes.OwnerFile, 0), "mkfifo", name);

    internal void WhiteoutAt(string name)
    {
        var result = Posix.MknodAt(At("mknod", name), BytePath.Z(name), Posix.S_IFCHR, 0);
        if (result != 0 && AttributeMarks.AreAllowed && AttributeMarks.IsRefusal(Marshal.GetLastPInvokeError()))
        {
            AttributeMarks.Make(this, name);
            return;
        }
        Check(result, "mknod", name);
    }

    /// <summary>Makes a hard link.</summary>
    /// <returns>False when the file system allows no more links to the file (EMLINK, EXDEV, EPERM: link(2)).</returns>
    internal bool TryLinkAt(string name, Fd newDirectory, string newName)
    {
        if (Posix.LinkAt(At("link", name), BytePath.Z(name), newDirectory.Number, BytePath.Z(newName), 0) == 0)
        {
            return true;
        }
        var errno = Marshal.GetLastPInvokeError();
        return errno is Errno.EMLINK or Errno.EXDEV or Errno.EPERM
            ? false
            : throw new PosixException("link", BytePath.Join(_path, name), errno);
    }

    internal string ReadLinkAt(string name)
    {
        const int max = 4096;
        var buffer = stackalloc byte[max];
        var length = Posix.ReadLinkAt(Number, BytePath.Z(name), buffer, max);
        return length >= 0
            ? BytePath.FromBytes(new ReadOnlySpan<byte>(buffer, (int)length))
            : throw PosixException.Last("readlink", BytePath.Join(_path, name));
    }

    /// <summary>Sets the mode of an entry through a descriptor of the entry itself: fchmodat(2) follows links, and a session
    /// can replace its entries by links at any time.</summary>
    internal void ChmodAt(string name, uint permissions)
    {
        using var entry = Open(this, name, Posix.O_PATH | Posix.O_NOFOLLOW);
        if (entry.Stat().Kind == EntryKind.Symlink)
        {
            throw new PosixException("chmod", BytePath.Join(_path, name), Errno.ELOOP);
        }
        entry.Chmod(permissions);
    }

    internal void Chmod(uint permissions)
    {
        FaultSeam.Before("chmod", _path);
        if (s_isRoot)
        {
            Check(Posix.TryChmod(Number, permissions) ? 0 : -1, "chmod", "");
            return;
        }
        lock (TemporaryAccess.Gate)
        {
            Check(Posix.TryChmod(Number, permissions) ? 0 : -1, "chmod", "");
            TemporaryAccess.Change(Posix.Stat(Number, _path), permissions);
        }
    }

    internal void ChownAt(string name, uint uid, uint gid) =>
        Check(Posix.FchownAt(At("chown", name), BytePath.Z(name), uid, gid, Posix.AT_SYMLINK_NOFOLLOW), "chown", name);

    internal void Chown(uint uid, uint gid) =>
        Check(Posix.FchownAt(At("chown", ""), s_empty, uid, gid, Posix.AT_EMPTY_PATH), "chown", "");

    internal void SetMtimeAt(string name, long mtimeNs)
    {
        var times = stackalloc Posix.Timespec[2];
        times[0] = times[1] = Posix.Timespec.FromNanoseconds(mtimeNs);
        Check(Posix.UtimensAt(At("utimens", name), BytePath.Z(name), times, Posix.AT_SYMLINK_NOFOLLOW), "utimens", name);
    }

    internal void SetMtime(long mtimeNs)
    {
        var times = stackalloc Posix.Timespec[2];
        times[0] = times[1] = Posix.Timespec.FromNanoseconds(mtimeNs);
        Check(Posix.Futimens(At("utimens", ""), times), "utimens", "");
    }

    /// <summary>Reads from an offset, until the buffer is full or the file ends.</summary>
    /// <returns>The number of bytes read.</returns>
    internal int Read(Span<byte> buffer, long offset)
    {
        var total = 0;
        fixed (byte* p = buffer)
        {
            while (total < buffer.Length)
            {
                var read = Posix.Pread(Number, p + total, (nuint)(buffer.Length - total), offset + total);
                if (read < 0)
                {
                    throw PosixException.Last("read", _path);
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

    /// <summary>Writes bytes at an offset.</summary>
    internal void Write(ReadOnlySpan<byte> bytes, long offset)
    {
        fixed (byte* p = bytes)
        {
            for (var done = 0; done < bytes.Length;)
            {
                var written = Posix.Pwrite(Number, p + done, FaultSeam.BeforeWrite("write", _path, (nuint)(bytes.Length - done)), offset + done);
                done += written >= 0 ? (int)written : throw PosixException.Last("write", _path);
            }
        }
    }

    /// <summary>Makes the content and attributes durable (fsync(2)).</summary>
    internal void Sync() => Check(FaultSeam.LeaveFlushesOut ? 0 : Posix.Fsync(At("fsync", "")), "fsync", "");

    /// <summary>Makes everything on this file system durable (syncfs(2)).</summary>
    internal void SyncFileSystem() => Check(FaultSeam.LeaveFlushesOut ? 0 : Posix.Syncfs(At("syncfs", "")), "syncfs", "");

    /// <summary>Duplicates the descriptor for .NET's readers; the caller closes the copy. Permissions restored on close of this
    /// descriptor do not affect it.</summary>
    internal SafeFileHandle Duplicate()
    {
        var number = Posix.Fcntl(Number, Posix.F_DUPFD_CLOEXEC, 0);
        return number >= 0 ? new SafeFileHandle(number, ownsHandle: true) : throw PosixException.Last("dup", _path);
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        var isRestored = _opened is not { } opened || opened.Leave((int)handle);
        return Posix.Close((int)handle) == 0 && isRestored;
    }

    private static Fd Open(Fd? directory, string path, int flags, uint mode = 0) =>
        TryOpen(directory, path, flags, mode, out var errno)
            ?? throw new PosixException("open", directory is null ? path : BytePath.Join(directory._path, path), errno);

    private static Fd? TryOpen(Fd? directory, string path, int flags, uint mode, out int errno)
    {
        // Another process may open and close the same entry meanwhile, but not many times in a row.
        const int MostTries = 100;
        for (var tries = 0; ;)
        {
            var fd = Posix.OpenAt(directory?.Number ?? Posix.AT_FDCWD, BytePath.Z(path), flags | Posix.O_CLOEXEC, mode);
            if (fd >= 0)
            {
                errno = 0;
                return new Fd(fd, directory is null ? path : BytePath.Join(directory._path, path), IsForReading(flags) ? TemporaryAccess.Join(fd) : null);
            }
            errno = Marshal.GetLastPInvokeError();
            if (errno == Errno.EINTR)
            {
                continue;
            }
            if (errno != Errno.EACCES || directory is null || s_isRoot || ++tries > MostTries)
            {
                return null;
            }
            if (!directory.WidenSearch())
            {
                if (!IsForReading(flags))
                {
                    return null;
                }
                if (directory.TryOpenClosed(path, flags) is { } opened)
                {
                    return opened;
                }
            }
        }
    }

    private static bool IsForReading(int flags) => (flags & (Posix.O_PATH | Posix.O_CREAT)) == 0;

    /// <summary>The number of the descriptor, for a call that changes an entry.</summary>
    private int At(string operation, string name)
    {
        FaultSeam.Before(operation, BytePath.Join(_path, name));
        return Number;
    }

    private void Check(int result, string operation, string name)
    {
        if (result != 0)
        {
            throw PosixException.Last(operation, BytePath.Join(_path, name));
        }
    }
}
