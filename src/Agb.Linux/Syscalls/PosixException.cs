namespace Agb.Linux;

/// <summary>A system call failed.</summary>
internal sealed class PosixException : IOException
{
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

    /// <summary>The error number (<see cref="Agb.Linux.Errno"/>).</summary>
    internal int Errno { get; }

    /// <summary>The system call.</summary>
    internal string Operation { get; }

    internal static PosixException Last(string operation, string rawPath) =>
        new(operation, rawPath, Marshal.GetLastPInvokeError());
}
