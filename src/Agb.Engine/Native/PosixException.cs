using System.Runtime.InteropServices;

namespace Agb.Engine.Native;

/// <summary>A system call failed.</summary>
internal sealed class PosixException : IOException
{
    internal const int EPERM = 1;
    internal const int ENOENT = 2;
    internal const int ESRCH = 3;
    internal const int EINTR = 4;
    internal const int EIO = 5;
    internal const int ENXIO = 6;
    internal const int EBADF = 9;
    internal const int EAGAIN = 11;
    internal const int EACCES = 13;
    internal const int EBUSY = 16;
    internal const int EEXIST = 17;
    internal const int EXDEV = 18;
    internal const int ENODEV = 19;
    internal const int ENOTDIR = 20;
    internal const int EISDIR = 21;
    internal const int EINVAL = 22;
    internal const int ENOSPC = 28;
    internal const int EROFS = 30;
    internal const int EMLINK = 31;
    internal const int ERANGE = 34;
    internal const int ENAMETOOLONG = 36;
    internal const int ENOSYS = 38;
    internal const int ENOTEMPTY = 39;
    internal const int ETXTBSY = 26;
    internal const int ELOOP = 40;
    internal const int ENODATA = 61;
    internal const int EBADMSG = 74;
    internal const int EOPNOTSUPP = 95;
    internal const int ESTALE = 116;
    internal const int EUCLEAN = 117;
    internal const int EREMOTEIO = 121;
    internal const int EDQUOT = 122;

    internal PosixException(string operation, string rawPath, int errno)
        : base($"{operation} '{Raw.ToDisplay(rawPath)}': {Marshal.GetPInvokeErrorMessage(errno)}")
    {
        Errno = errno;
        HResult = errno;
        Operation = operation;
    }

    internal PosixException(int errno, Exception cause)
        : base(cause.Message, cause)
    {
        Errno = errno;
        HResult = errno;
        Operation = "";
    }

    /// <summary>The error number (errno(3)).</summary>
    internal int Errno { get; }

    /// <summary>The system call.</summary>
    internal string Operation { get; }

    internal static PosixException Last(string operation, string rawPath) =>
        new(operation, rawPath, Marshal.GetLastPInvokeError());

    /// <summary>The typed error that a user gets for this one.</summary>
    internal AgbException ToAgbException(string doing) => Errno switch
    {
        ENOSPC or EDQUOT => new AgbException(
            AgbErrorIds.NoSpace, AgbErrorKind.ResourceExhausted, $"No space is left while {doing}: {Message}",
            "Free space on the device of the AGB home directory, then try again; nothing was changed.", inner: this),
        EROFS => StoreErrors.ReadOnly($"A write was refused while {doing}: {Message}", this),
        // EUCLEAN and EBADMSG: what ext4 and XFS say of metadata that is damaged; ESTALE: NFS, of a file whose server has lost it.
        EIO or EREMOTEIO or ESTALE or EUCLEAN or EBADMSG => StoreErrors.DeviceFailed($"The device or its file system reports an error while {doing}: {Message}", this),
        ENAMETOOLONG => AgbErrors.Invalid(AgbErrorIds.InvalidPath, $"A name is too long for the file system, found while {doing}: {Message}", "Use shorter names: 255 bytes each, 4,095 a path."),
        EACCES or EPERM => new AgbException(
            AgbErrorIds.AccessDenied, AgbErrorKind.PermissionDenied, $"Access was refused while {doing}: {Message}",
            "Check the owner and the permissions of the AGB home directory.", inner: this),
        ENOENT or ENOTDIR or ELOOP => new AgbException(
            AgbErrorIds.StoreCorrupt, AgbErrorKind.DataCorrupt, $"The store is damaged, found while {doing}: {Message}",
            "A file of the store is missing, was changed from outside, or can't be read; restore the AGB home directory from a backup.",
            inner: this),
        EOPNOTSUPP => new AgbException(
            AgbErrorIds.HostNotReady, AgbErrorKind.HostNotReady, $"The file system can't do what was asked of it while {doing}: {Message}",
            "The AGB home directory needs user.* attributes: set AGB_HOME to a directory on ext4, xfs, btrfs, or tmpfs of Linux 6.6 and later.", inner: this),
        _ when Exhaustion.Is(this) => AgbErrors.HostExhausted(doing, Message, this),
        _ => new AgbException(AgbErrorIds.UnexpectedError, AgbErrorKind.Failed, $"An error occurred while {doing}: {Message}", inner: this),
    };
}
