using System.Runtime.InteropServices;

namespace Agb.Linux;

/// <summary>Hints to the file system about the placement of new inodes.</summary>
internal static unsafe partial class InodePlacement
{
    /// <summary>The least number of files worth spreading and several threads.</summary>
    internal const int ManyFiles = 1000;

    // ioctl_iflags(2).
    private const nuint GetFlags = 0x80086601;
    private const nuint SetFlags = 0x40086602;
    private const uint TopDirectory = 0x00020000;

    /// <summary>Marks a directory as the top of unrelated subdirectories (chattr(1), T). Ext4 then puts the next new
    /// subdirectory, and the files below it, into a block group with much room. Without the mark it takes the parent's group,
    /// and passes over every inode freed there in the last minutes for each new file. Only a hint: other file systems have no
    /// such mark, so errors are ignored.</summary>
    internal static void SpreadBelow(Fd directory)
    {
        nuint flags = 0;
        if (Control(directory.Number, GetFlags, &flags) == 0 && !IsSpread(flags))
        {
            flags = (uint)flags | TopDirectory;
            _ = Control(directory.Number, SetFlags, &flags);
        }
    }

    /// <summary>Whether a directory has the mark.</summary>
    internal static bool IsSpreadBelow(Fd directory)
    {
        nuint flags = 0;
        return Control(directory.Number, GetFlags, &flags) == 0 && IsSpread(flags);
    }

    // The kernel writes an int.
    private static bool IsSpread(nuint flags) => ((uint)flags & TopDirectory) != 0;

    [LibraryImport("libc", EntryPoint = "ioctl")]
    private static partial int Control(int fd, nuint request, nuint* flags);
}
