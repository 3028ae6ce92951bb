using System.Runtime.InteropServices;

namespace Agb.Linux;

/// <content>What sessions closed to their owner, which an ordinary user's engine has to open up to get at it.</content>
internal sealed unsafe partial class Fd
{
    /// <summary>Opens the root of a tree that a session has or had, which it may have closed to its owner, by its path on the host.</summary>
    internal static Fd OpenTree(string path)
    {
        if (s_isRoot)
        {
            return OpenDirectory(path);
        }
        using var parent = OpenDirectory(System.IO.Path.GetDirectoryName(path)!);
        return parent.OpenDirectoryAt(Raw.FromText(System.IO.Path.GetFileName(path)));
    }

    /// <summary>Opens a directory at the top of such a tree, if that is what is there; a symlink is refused.</summary>
    /// <param name="tree">The tree's path on the host, which no session can change.</param>
    /// <param name="name">The directory's name, raw.</param>
    /// <param name="errno">Where the result is null: ENOENT, or ENOTDIR for anything else than a directory.</param>
    internal static Fd? TryOpenInTree(string tree, string name, out int errno)
    {
        // One step in place of two, for those who open many; what is missing, closed or damaged is told apart by two.
        var path = Raw.Join(Raw.FromText(tree), name);
        if (s_isRoot && TryOpen(null, path, Posix.O_RDONLY | Posix.O_DIRECTORY | Posix.O_NOFOLLOW, 0, out errno) is { } directory)
        {
            return directory;
        }
        using var root = OpenTree(tree);
        return root.TryOpenDirectoryAt(name, out errno);
    }

    /// <summary>Gives an ordinary user's engine access to what is in this directory where a session left it readable but closed
    /// (<c>chmod 600</c>): it can be opened and listed, and nothing in it reached. Put back on close.</summary>
    /// <returns>Whether it was closed so, so that what was refused is worth another try.</returns>
    internal bool WidenSearch() => Widen(0x40);

    private bool Widen(uint needed)
    {
        if (s_isRoot)
        {
            return false;
        }
        var changes = OpenedUp.Changes;
        var stat = Posix.Stat(Number, _path);
        var isClosed = (stat.Permissions & needed) != needed && stat.Uid == Posix.Geteuid();
        if (!isClosed && !OpenedUp.MayConcern(changes))
        {
            return false;
        }
        if (isClosed)
        {
            FaultSeam.Before("chmod", _path);
        }
        lock (OpenedUp.Gate)
        {
            stat = Posix.Stat(Number, _path);
            isClosed = (stat.Permissions & needed) != needed && stat.Uid == Posix.Geteuid();
            var before = _opened;
            _opened = OpenedUp.Widen(Number, stat, isClosed ? needed : 0, before, _path);
            return isClosed || _opened != before;
        }
    }

    /// <summary>Moves a directory into another. That takes the right to write to it, because its parent's entry in it changes (rename(2)).</summary>
    internal void MoveDirectoryAt(string name, Fd newDirectory, string newName)
    {
        using var moved = OpenDirectoryAt(name);
        moved.Widen(0x80);
        RenameAt(name, newDirectory, newName);
    }

    /// <summary>Opens what belongs to an ordinary user's engine but a session closed to it (<c>chmod 000</c>); root needs none of this.</summary>
    /// <returns>Null when another process had opened it up, and has left it.</returns>
    /// <exception cref="PosixException">EACCES when it is not the engine's.</exception>
    private Fd? TryOpenClosed(string name, int flags)
    {
        using var entry = Open(this, name, Posix.O_PATH | Posix.O_NOFOLLOW);
        FaultSeam.Before("chmod", entry._path);
        lock (OpenedUp.Gate)
        {
            var stat = Posix.Stat(entry.Number, entry._path);
            if (stat.Kind is not (EntryKind.File or EntryKind.Directory) || stat.Uid != Posix.Geteuid())
            {
                throw new PosixException("open", entry._path, PosixException.EACCES);
            }
            var opened = OpenedUp.Widen(entry.Number, stat, stat.Kind == EntryKind.Directory ? 0x1C0u : 0x100u, mine: null, entry._path);
            // Just this one, whatever has its name by now. It is no symlink, but the link that leads to it is.
            var fd = Posix.OpenAt(Posix.AT_FDCWD, Raw.Z($"/proc/self/fd/{entry.Number}"), (flags & ~Posix.O_NOFOLLOW) | Posix.O_CLOEXEC, 0);
            if (fd >= 0)
            {
                return new Fd(fd, entry._path, opened);
            }
            var errno = Marshal.GetLastPInvokeError();
            opened?.Leave(entry.Number);
            return opened is null && errno == PosixException.EACCES ? null : throw new PosixException("open", entry._path, errno);
        }
    }
}
