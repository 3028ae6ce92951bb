namespace Agb.Linux;

/// <summary>Hints to the file system about the placement of new inodes.</summary>
internal static unsafe class InodePlacement
{
    /// <summary>The least number of files worth spreading and several threads.</summary>
    internal const int ManyFiles = 1000;

    // ioctl_iflags(2).
    private const ulong GetFlags = 0x80086601;
    private const ulong SetFlags = 0x40086602;
    private const uint TopDirectory = 0x00020000;

    /// <summary>Marks a directory as the top of unrelated subdirectories (chattr(1), T). Ext4 then puts the next new
    /// subdirectory, and the files below it, into a block group with much room. Without the mark it takes the parent's group,
    /// and passes over every inode freed there in the last minutes for each new file. Only a hint: other file systems have no
    /// such mark, so errors are ignored.</summary>
    internal static void SpreadBelow(Fd directory)
    {
        nuint flags = 0;
        if (Posix.Ioctl(directory.Number, GetFlags, (nint)(&flags)) == 0 && !IsSpread(flags))
        {
            flags = (uint)flags | TopDirectory;
            _ = Posix.Ioctl(directory.Number, SetFlags, (nint)(&flags));
        }
    }

    /// <summary>Whether a directory has the mark.</summary>
    internal static bool IsSpreadBelow(Fd directory)
    {
        nuint flags = 0;
        return Posix.Ioctl(directory.Number, GetFlags, (nint)(&flags)) == 0 && IsSpread(flags);
    }

    // The kernel writes an int.
    private static bool IsSpread(nuint flags) => ((uint)flags & TopDirectory) != 0;
}
