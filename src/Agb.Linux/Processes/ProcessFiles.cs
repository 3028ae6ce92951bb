namespace Agb.Linux;

/// <summary>Modes and owners of files for processes.</summary>
internal static class ProcessFiles
{
    /// <summary>Sets a file's mode exactly, without this process's mask (chmod(2)).</summary>
    /// <exception cref="IOException">HResult is the errno.</exception>
    public static void SetMode(string path, UnixFileMode mode)
    {
        // The base library's call would mark every caller as not for Windows.
        Check(ProcessLibc.ChangeMode(path, (uint)mode), "chmod", path);
    }

    /// <summary>Sets the owner of a file, or of a link itself (lchown(2)).</summary>
    public static void SetOwner(string path, uint user, uint group) =>
        Check(ProcessLibc.ChangeOwnerOfLink(path, user, group), "chown", path);

    /// <summary>Sets an extended attribute to an empty value (setxattr(2)).</summary>
    public static unsafe void SetAttribute(string path, string name)
    {
        byte none = 0;
        Check(ProcessLibc.SetAttribute(path, name, &none, 0, 0), "setxattr", path);
    }

    /// <summary>Removes an empty directory or a control group; the files of a control group don't count for rmdir(2).</summary>
    /// <returns>False if it is in use; true also if it does not exist.</returns>
    public static bool TryRemoveDirectory(string path)
    {
        if (Posix.UnlinkAt(Posix.AT_FDCWD, BytePath.Z(BytePath.FromText(path)), Posix.AT_REMOVEDIR) == 0)
        {
            return true;
        }
        return Marshal.GetLastPInvokeError() switch
        {
            Errno.ENOENT or Errno.ENODEV => true,
            Errno.EBUSY or Errno.ENOTEMPTY => false,
            var errno => throw ProcessLibc.Error($"rmdir '{path}'", errno),
        };
    }

    private static void Check(int result, string call, string path)
    {
        if (result != 0)
        {
            throw ProcessLibc.Error($"{call} '{path}'");
        }
    }
}
