using System.Runtime.InteropServices;

namespace Agb.Linux;

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
    internal const int ENOMEM = 12;
    internal const int EACCES = 13;
    internal const int EBUSY = 16;
    internal const int EEXIST = 17;
    internal const int EXDEV = 18;
    internal const int ENODEV = 19;
    internal const int ENOTDIR = 20;
    internal const int EISDIR = 21;
    internal const int EINVAL = 22;
    internal const int ENFILE = 23;
    internal const int EMFILE = 24;
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
        : base($"{operation} '{BytePath.ToDisplay(rawPath)}': {Marshal.GetPInvokeErrorMessage(errno)}")
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
}
