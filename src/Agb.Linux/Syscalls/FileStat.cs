namespace Agb.Linux;

/// <summary>What a directory entry is.</summary>
internal enum EntryKind : byte
{
    File = 1,
    Directory = 2,
    Symlink = 3,
    Fifo = 4,

    /// <summary>A character device 0:0, which overlayfs reads as "deleted", or a file that says so (<see cref="AttributeMarks"/>).</summary>
    Whiteout = 5,

    /// <summary>A socket or a device node, which contexts don't store.</summary>
    Unstorable = 6,
}

/// <summary>The attributes of a directory entry (statx(2)); times in nanoseconds since 1970.</summary>
internal readonly record struct FileStat(
    EntryKind Kind, uint Mode, long Size, long MtimeNs, long CtimeNs, ulong Ino, ulong Device, uint Nlink, uint Uid, uint Gid)
{
    /// <summary>The permission bits, with set-id and sticky bits.</summary>
    internal uint Permissions => Mode & 0xFFF;

    /// <summary>When the inode was made, in nanoseconds since 1970; 0 where the file system does not keep it. Nobody can set it,
    /// so together with <see cref="Ino"/> it names one inode for all time.</summary>
    internal long BirthNs { get; init; }

    /// <summary>Whether this is an inode that was looked at before, as far as the file system tells: a number is given anew as soon
    /// as its inode is gone.</summary>
    internal bool IsInode(in FileStat before) =>
        Ino == before.Ino && (BirthNs == before.BirthNs || BirthNs == 0 || before.BirthNs == 0);

    /// <summary>Whether it is a whiteout in the form of a file.</summary>
    internal bool IsAttributeMark => Kind == EntryKind.Whiteout && (Mode & Posix.S_IFMT) == Posix.S_IFREG;

    /// <summary>The same in a session's tree: only in an overlay's upper directory are devices 0:0 deletions, and a file is none, whatever
    /// attributes the session gave it.</summary>
    internal FileStat InTree(bool isOverlay) => Kind != EntryKind.Whiteout || (isOverlay && !IsAttributeMark)
        ? this
        : this with { Kind = IsAttributeMark ? EntryKind.File : EntryKind.Unstorable };

    /// <summary>Whether an entry is as it was when it was looked at before. The change time can't be set from a session, so equal
    /// ones of the same inode mean that nobody touched it.</summary>
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
        return new FileStat(
            kind, s.Mode, s.Size,
            (s.MtimeSeconds * 1_000_000_000) + s.MtimeNanoseconds,
            (s.CtimeSeconds * 1_000_000_000) + s.CtimeNanoseconds,
            s.Ino, ((ulong)s.DevMajor << 32) | s.DevMinor, s.Nlink, s.Uid, s.Gid)
        {
            BirthNs = (s.Mask & Posix.STATX_BTIME) != 0 ? (s.BtimeSeconds * 1_000_000_000) + s.BtimeNanoseconds : 0,
        };
    }
}
