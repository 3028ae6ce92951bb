namespace Agb.Linux;

/// <summary>Whiteouts for file systems without device 0:0, such as an overlay. The second form of overlayfs: an empty file with
/// an attribute, in a directory with the opaque mark <c>x</c> (Documentation/filesystems/overlayfs.rst, kernel 6.7).</summary>
internal static class AttributeMarks
{
    private static readonly byte[] s_whiteout = BytePath.Z("user.overlay.whiteout");

    /// <summary>Whether a store of this process lies on a file system without device 0:0, as its format states.</summary>
    internal static bool AreAllowed { get; set; }

    /// <summary>Whether mknod(2) failed only because the place takes no whiteouts.</summary>
    internal static bool IsRefusal(int errno) =>
        errno is Errno.EPERM or Errno.EINVAL or Errno.EOPNOTSUPP or Errno.ENOSYS;

    /// <summary>Makes a whiteout.</summary>
    internal static void Make(Fd directory, string name)
    {
        // The directory first: without its mark, the marked file would be a plain file.
        if (!Has(directory))
        {
            Xattrs.Set(directory, Xattrs.OpaqueName, "x"u8.ToArray());
        }
        using var file = directory.CreateAt(name);
        Xattrs.Set(file, s_whiteout, "y"u8.ToArray());
    }

    /// <summary>Whether an empty file is a whiteout.</summary>
    internal static bool IsWhiteout(Fd directory, string name) =>
        Has(directory) && Posix.Lgetxattr(BytePath.Z($"/proc/self/fd/{directory.Number}/{name}"), s_whiteout, null, 0) >= 0;

    /// <summary>Whether empty files in a directory may be whiteouts: it has a mark of either kind.</summary>
    internal static bool Has(Fd directory) => Posix.Fgetxattr(directory.Number, Xattrs.OpaqueName, null, 0) >= 0;

    /// <summary>Removes the mark from a directory without such whiteouts; an opaque directory stays opaque.</summary>
    internal static void Clear(Fd directory)
    {
        if (Has(directory) && !Xattrs.IsOpaque(directory))
        {
            Xattrs.ClearOpaque(directory);
        }
    }
}
