namespace Agb.Engine;

/// <summary>Translates errors of the operating system into typed errors.</summary>
internal static class ErrorTranslation
{
    /// <summary>Runs work, and translates its I/O errors into typed ones.</summary>
    internal static async Task<T> GuardAsync<T>(string doing, Func<Task<T>> work)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Translate(e, doing);
        }
        catch (OutOfMemoryException e)
        {
            throw AgbErrors.HostExhausted(doing, Exhaustion.NoThread, e);
        }
    }

    internal static AgbException Translate(Exception e, string doing)
    {
        // .NET keeps the errno in the low bits of HResult on Unix.
        var errno = e switch
        {
            PosixException posix => posix.Errno,
            UnauthorizedAccessException => Errno.EACCES,
            // These two have Windows error codes instead of an errno.
            PathTooLongException => Errno.ENAMETOOLONG,
            DirectoryNotFoundException => Errno.ENOENT,
            _ => e.HResult & 0xFFFF,
        };
        return (e as PosixException ?? new PosixException(errno, e)).ToAgbException(doing);
    }
}
