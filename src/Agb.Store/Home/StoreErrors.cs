namespace Agb.Store;

/// <summary>Errors of a store's location, shared by several components.</summary>
internal static class StoreErrors
{
    /// <summary>The store is read-only.</summary>
    /// <param name="message">The refused operation, with its path.</param>
    /// <param name="inner">The cause.</param>
    internal static AgbException ReadOnly(string message, Exception? inner = null) => new(
        AgbErrorIds.ReadOnlyStore, AgbErrorKind.InvalidState, message,
        "Mount its file system writable, or set AGB_HOME to another directory. If it was writable before, the device may have failed: see the kernel's log (dmesg).",
        inner: inner);

    /// <summary>The device or the file system reports an error.</summary>
    /// <param name="message">The operation, with its path and the system's error.</param>
    /// <param name="inner">The cause.</param>
    internal static AgbException DeviceFailed(string message, Exception? inner = null) => new(
        AgbErrorIds.DeviceFailed, AgbErrorKind.Failed, message,
        "See the kernel's log (dmesg). If the error persists, restore the AGB home directory from a backup on another device.", inner: inner);

    /// <summary>A device is full.</summary>
    /// <param name="message">The operation, with its path and the system's error.</param>
    /// <param name="inner">The cause.</param>
    internal static AgbException NoSpace(string message, Exception? inner = null) => new(
        AgbErrorIds.NoSpace, AgbErrorKind.ResourceExhausted, message,
        "Free space on the device of the AGB home directory, then try again; nothing was changed.", inner: inner);

    /// <summary>Translates a system error for users.</summary>
    internal static AgbException ToAgbException(this PosixException error, string doing) => error.Errno switch
    {
        Errno.ENOSPC or Errno.EDQUOT => StoreErrors.NoSpace($"No space is left while {doing}: {error.Message}", error),
        Errno.EROFS => StoreErrors.ReadOnly($"A write was refused while {doing}: {error.Message}", error),
        // EUCLEAN and EBADMSG: damaged metadata on ext4 and XFS; ESTALE: a file lost by its NFS server.
        Errno.EIO or Errno.EREMOTEIO or Errno.ESTALE or Errno.EUCLEAN or Errno.EBADMSG => StoreErrors.DeviceFailed($"The device or its file system reports an error while {doing}: {error.Message}", error),
        Errno.ENAMETOOLONG => AgbErrors.Invalid(AgbErrorIds.InvalidPath, $"A name is too long for the file system, found while {doing}: {error.Message}", "Use shorter names: 255 bytes each, 4,095 a path."),
        Errno.EACCES or Errno.EPERM => new AgbException(
            AgbErrorIds.AccessDenied, AgbErrorKind.PermissionDenied, $"Access was refused while {doing}: {error.Message}",
            "Check the owner and the permissions of the AGB home directory.", inner: error),
        Errno.ENOENT or Errno.ENOTDIR or Errno.ELOOP => new AgbException(
            AgbErrorIds.StoreCorrupt, AgbErrorKind.DataCorrupt, $"The store is damaged, found while {doing}: {error.Message}",
            "A file of the store is missing, was changed from outside, or can't be read; restore the AGB home directory from a backup.",
            inner: error),
        Errno.EOPNOTSUPP => new AgbException(
            AgbErrorIds.HostNotReady, AgbErrorKind.HostNotReady, $"The file system lacks a required feature, found while {doing}: {error.Message}",
            "The AGB home directory needs user.* attributes. Set AGB_HOME to a directory on ext4, xfs, btrfs, or tmpfs of Linux 6.6 and later.", inner: error),
        _ when Exhaustion.Is(error) => AgbErrors.HostExhausted(doing, error.Message, error),
        _ => new AgbException(AgbErrorIds.UnexpectedError, AgbErrorKind.Failed, $"An error occurred while {doing}: {error.Message}", inner: error),
    };
}
