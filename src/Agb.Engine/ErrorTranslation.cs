namespace Agb.Engine;

/// <summary>Turns what the operating system says into typed errors.</summary>
internal static class ErrorTranslation
{
    /// <summary>Runs work whose I/O errors shall reach the caller as typed ones.</summary>
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
            UnauthorizedAccessException => PosixException.EACCES,
            // These two have numbers of Windows in place of it.
            PathTooLongException => PosixException.ENAMETOOLONG,
            DirectoryNotFoundException => PosixException.ENOENT,
            _ => e.HResult & 0xFFFF,
        };
        return (e as PosixException ?? new PosixException(errno, e)).ToAgbException(doing);
    }
}
