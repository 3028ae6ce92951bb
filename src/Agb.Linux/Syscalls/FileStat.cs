namespace Agb.Linux;

/// <summary>The kind of a directory entry.</summary>
internal enum EntryKind : byte
{
    File = 1,
    Directory = 2,
    Symlink = 3,
    Fifo = 4,

    /// <summary>A deletion for overlayfs: a character device 0:0, or a marked file (<see cref="AttributeMarks"/>).</summary>
    Whiteout = 5,

    /// <summary>A socket or a device node; contexts don't store it.</summary>
    Unstorable = 6,
}

/// <summary>The attributes of a directory entry (statx(2)); times in nanoseconds since 1970.</summary>
internal readonly record struct FileStat
{
    internal required EntryKind Kind { get; init; }

    /// <summary>The type and the permission bits.</summary>
    internal uint Mode { get; init; }

    internal long Size { get; init; }

    internal long MtimeNs { get; init; }

    internal long CtimeNs { get; init; }

    internal ulong Ino { get; init; }

    internal ulong Device { get; init; }

    internal uint Nlink { get; init; }

    internal uint Uid { get; init; }

    internal uint Gid { get; init; }

    /// <summary>The permission bits, with set-id and sticky bits.</summary>
    internal uint Permissions => Mode & FileModes.All;

    /// <summary>The creation time of the inode, in nanoseconds since 1970; 0 if the file system does not keep it. It can't be
    /// set, so together with <see cref="Ino"/> it identifies one inode for all time.</summary>
    internal long BirthNs { get; init; }

    /// <summary>Whether this is the same inode as before, as far as the file system tells: the number of a removed inode is
    /// reused at once.</summary>
    internal bool IsInode(in FileStat before) =>
        Ino == before.Ino && (BirthNs == before.BirthNs || BirthNs == 0 || before.BirthNs == 0);

    /// <summary>Whether it is a whiteout in the form of a file.</summary>
    internal bool IsAttributeMark => Kind == EntryKind.Whiteout && (Mode & Posix.S_IFMT) == Posix.S_IFREG;

    /// <summary>The attributes in a session's tree: a device 0:0 is a deletion only in an overlay's upper directory, and a file
    /// never is, even with attributes set by the session.</summary>
    internal FileStat InTree(bool isOverlay) => Kind != EntryKind.Whiteout || (isOverlay && !IsAttributeMark)
        ? this
        : this with { Kind = IsAttributeMark ? EntryKind.File : EntryKind.Unstorable };

    /// <summary>Whether an entry is unchanged. A session can't set the change time, so an equal one on the same inode is proof.</summary>
    internal bool IsUnchanged(in FileStat before) =>
        Kind == before.Kind && Ino == before.Ino && CtimeNs == before.CtimeNs && Size == before.Size && MtimeNs == before.MtimeNs
        && Mode == before.Mode;

    internal static FileStat From(in Posix.StatxBuffer s)
    {
        var kind = (s.Mode & Posix.S_IFMT) switch
        {
            Posix.S_IFREG => EntryKind.File,
            Posix.S_IFDIR => EntryKind.Directory,
            Posix.S_IFLNK => EntryKind.Symlink,
            Posix.S_IFIFO => EntryKind.Fifo,
            Posix.S_IFCHR when s.RdevMajor == 0 && s.RdevMinor == 0 => EntryKind.Whiteout,
            _ => EntryKind.Unstorable,
        };
        return new FileStat
        {
            Kind = kind,
            Mode = s.Mode,
            Size = s.Size,
            MtimeNs = (s.MtimeSeconds * 1_000_000_000) + s.MtimeNanoseconds,
            CtimeNs = (s.CtimeSeconds * 1_000_000_000) + s.CtimeNanoseconds,
            Ino = s.Ino,
            Device = ((ulong)s.DevMajor << 32) | s.DevMinor,
            Nlink = s.Nlink,
            Uid = s.Uid,
            Gid = s.Gid,
            BirthNs = (s.Mask & Posix.STATX_BTIME) != 0 ? (s.BtimeSeconds * 1_000_000_000) + s.BtimeNanoseconds : 0,
        };
    }
}
