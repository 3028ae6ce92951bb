namespace Agb.Linux;

/// <content>Access to entries closed by a session to their owner. Only an ordinary user's engine has to open them up.</content>
internal sealed unsafe partial class Fd
{
    /// <summary>Opens the root of a session's tree by its path on the host, even if the session closed it to its owner.</summary>
    internal static Fd OpenTree(string path)
    {
        if (s_isRoot)
        {
            return OpenDirectory(path);
        }
        using var parent = OpenDirectory(System.IO.Path.GetDirectoryName(path)!);
        return parent.OpenDirectoryAt(BytePath.FromText(System.IO.Path.GetFileName(path)));
    }

    /// <summary>Tries to open a directory at the top of such a tree; a symlink is refused.</summary>
    /// <param name="tree">The tree's path on the host; no session can change it.</param>
    /// <param name="name">The directory's name, raw.</param>
    /// <param name="errno">The error of a null result: ENOENT, or ENOTDIR for an entry of another kind.</param>
    internal static Fd? TryOpenInTree(string tree, string name, out int errno)
    {
        // One system call in place of two, for callers with many directories. The two below tell missing, closed and damaged
        // trees apart.
        var path = BytePath.Join(BytePath.FromText(tree), name);
        if (s_isRoot && TryOpen(null, path, Posix.O_RDONLY | Posix.O_DIRECTORY | Posix.O_NOFOLLOW, 0, out errno) is { } directory)
        {
            return directory;
        }
        using var root = OpenTree(tree);
        return root.TryOpenDirectoryAt(name, out errno);
    }

    /// <summary>Gives an ordinary user's engine access to the entries of this directory after a session's <c>chmod 600</c>:
    /// such a directory can be opened and listed, but its entries are out of reach. The permissions are restored on close.</summary>
    /// <returns>Whether it was closed in this way; a refused call is then worth another try.</returns>
    internal bool WidenSearch() => Widen(FileModes.OwnerSearch);

    private bool Widen(uint needed)
    {
        if (s_isRoot)
        {
            return false;
        }
        var changes = TemporaryAccess.Changes;
        var stat = Posix.Stat(Number, _path);
        var isClosed = (stat.Permissions & needed) != needed && stat.Uid == Posix.Geteuid();
        if (!isClosed && !TemporaryAccess.MayConcern(changes))
        {
            return false;
        }
        if (isClosed)
        {
            FaultSeam.Before("chmod", _path);
        }
        lock (TemporaryAccess.Gate)
        {
            stat = Posix.Stat(Number, _path);
            isClosed = (stat.Permissions & needed) != needed && stat.Uid == Posix.Geteuid();
            var before = _opened;
            _opened = TemporaryAccess.Widen(Number, stat, isClosed ? needed : 0, before, _path);
            return isClosed || _opened != before;
        }
    }

    /// <summary>Moves a directory into another one, after making it writable: the move changes its parent entry (rename(2)).</summary>
    internal void MoveDirectoryAt(string name, Fd newDirectory, string newName)
    {
        using var moved = OpenDirectoryAt(name);
        moved.Widen(FileModes.OwnerWrite);
        RenameAt(name, newDirectory, newName);
    }

    /// <summary>Opens an entry of an ordinary user's engine after a session closed it (<c>chmod 000</c>); root needs none of
    /// this.</summary>
    /// <returns>Null if another process had opened it up and has restored the permissions meanwhile.</returns>
    /// <exception cref="PosixException">EACCES if the engine does not own the entry.</exception>
    private Fd? TryOpenClosed(string name, int flags)
    {
        using var entry = Open(this, name, Posix.O_PATH | Posix.O_NOFOLLOW);
        FaultSeam.Before("chmod", entry._path);
        lock (TemporaryAccess.Gate)
        {
            var stat = Posix.Stat(entry.Number, entry._path);
            if (stat.Kind is not (EntryKind.File or EntryKind.Directory) || stat.Uid != Posix.Geteuid())
            {
                throw new PosixException("open", entry._path, Errno.EACCES);
            }
            var opened = TemporaryAccess.Widen(entry.Number, stat, stat.Kind == EntryKind.Directory ? FileModes.OwnerAll : FileModes.OwnerRead, mine: null, entry._path);
            // Exactly this inode, even after a change of names. It is no symlink, but its link in /proc is.
            var fd = Posix.OpenAt(Posix.AT_FDCWD, BytePath.Z($"/proc/self/fd/{entry.Number}"), (flags & ~Posix.O_NOFOLLOW) | Posix.O_CLOEXEC, 0);
            if (fd >= 0)
            {
                return new Fd(fd, entry._path, opened);
            }
            var errno = Marshal.GetLastPInvokeError();
            opened?.Leave(entry.Number);
            return opened is null && errno == Errno.EACCES ? null : throw new PosixException("open", entry._path, errno);
        }
    }
}
