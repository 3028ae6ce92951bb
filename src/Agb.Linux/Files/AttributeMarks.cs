using System.Runtime.InteropServices;

namespace Agb.Linux;

/// <summary>Whiteouts on a file system that takes no device 0:0, as an overlay takes none: overlayfs's second form, an empty file with an
/// attribute, in a directory whose opaque mark says <c>x</c> (Documentation/filesystems/overlayfs.rst, kernel 6.7).</summary>
internal static class AttributeMarks
{
    private static readonly byte[] s_whiteout = Raw.Z("user.overlay.whiteout");

    /// <summary>Whether a store of this process lies where no device 0:0 can be made, and says so in its format.</summary>
    internal static bool AreAllowed { get; set; }

    /// <summary>Whether an error of mknod(2) says that the place takes no whiteout, and nothing else.</summary>
    internal static bool IsRefusal(int errno) =>
        errno is PosixException.EPERM or PosixException.EINVAL or PosixException.EOPNOTSUPP or PosixException.ENOSYS;

    /// <summary>Makes a whiteout.</summary>
    internal static void Make(Fd directory, string name)
    {
        // The directory first: a file with the mark in one without it would be a file.
        if (!Has(directory))
        {
            Set(directory, Xattrs.OpaqueName, "x"u8.ToArray());
        }
        using var file = directory.CreateAt(name);
        Set(file, s_whiteout, "y"u8.ToArray());
    }

    /// <summary>Whether an empty file is a whiteout.</summary>
    internal static bool IsWhiteout(Fd directory, string name) =>
        Has(directory) && Posix.Lgetxattr(Raw.Z($"/proc/self/fd/{directory.Number}/{name}"), s_whiteout, null, 0) >= 0;

    /// <summary>Whether empty files in a directory may be whiteouts: it has a mark of either kind.</summary>
    internal static bool Has(Fd directory) => Posix.Fgetxattr(directory.Number, Xattrs.OpaqueName, null, 0) >= 0;

    /// <summary>Takes the mark off a directory that has no such whiteout any more; an opaque one stays opaque.</summary>
    internal static void Clear(Fd directory)
    {
        if (Has(directory) && !Xattrs.IsOpaque(directory))
        {
            Xattrs.ClearOpaque(directory);
        }
    }

    private static void Set(Fd file, byte[] name, byte[] value)
    {
        FaultSeam.Before("setxattr", file.Path);
        if (Posix.Fsetxattr(file.Number, name, value, (nuint)value.Length, 0) != 0)
        {
            throw PosixException.Last("setxattr", file.Path);
        }
    }
}
