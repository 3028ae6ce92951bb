using System.Runtime.InteropServices;

namespace Agb.Linux;

/// <summary>Says where a file system that cares should put new inodes.</summary>
internal static unsafe partial class InodePlacement
{
    /// <summary>Spreading, and several threads, pay from so many files on.</summary>
    internal const int ManyFiles = 1000;

    // ioctl_iflags(2).
    private const nuint GetFlags = 0x80086601;
    private const nuint SetFlags = 0x40086602;
    private const uint TopDirectory = 0x00020000;

    /// <summary>Marks a directory as one whose directories have nothing to do with each other (chattr(1), T): ext4 then puts the next one
    /// made in it, and so the files below that, into a block group that has much room. It would else take the group of the parent,
    /// where it passes over every inode that was freed in the last minutes, for each new file again. Only a hint: another file
    /// system has no such mark, and what it says does not matter.</summary>
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
