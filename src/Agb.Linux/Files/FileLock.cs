namespace Agb.Linux;

/// <summary>A lock between processes (flock(2)); the kernel releases it when its owner dies. Every acquisition opens the file
/// again, so the lock also works between threads of one process.</summary>
internal sealed class FileLock : IDisposable
{
    private readonly Fd _fd;

    private FileLock(Fd fd) => _fd = fd;

    /// <summary>Takes the lock, or returns null if another owner holds it.</summary>
    /// <param name="path">The lock's file; created if missing.</param>
    /// <param name="shared">Whether other shared holders are allowed.</param>
    internal static FileLock? TryAcquire(string path, bool shared = false)
    {
        while (true)
        {
            var fd = Open(path, shared);
            if (!TryLock(fd, path, shared))
            {
                return null;
            }
            // The last owner may have removed the file between these two calls; a lock on a removed file has no effect.
            if (fd.Stat().Nlink > 0)
            {
                return new FileLock(fd);
            }
            fd.Dispose();
        }
    }

    // Readers need no write access and no directory of locks: a backup may lack both.
    private static Fd Open(string path, bool shared)
    {
        try
        {
            return Fd.OpenLock(path);
        }
        catch (PosixException e) when (shared && e.Errno is (Errno.EROFS or Errno.EACCES or Errno.ENOENT))
        {
            return Fd.OpenLockToRead(path);
        }
    }

    /// <summary>Whether a lock is free. A missing lock file means free, and is not created.</summary>
    /// <param name="path">The lock's file.</param>
    /// <param name="shared">Whether shared holders are allowed.</param>
    internal static bool IsFree(string path, bool shared = true)
    {
        if (Fd.TryOpenLock(path) is not { } fd)
        {
            return true;
        }
        if (!TryLock(fd, path, shared))
        {
            return false;
        }
        new FileLock(fd).Dispose();
        return true;
    }

    private static bool TryLock(Fd fd, string path, bool shared)
    {
        while (Posix.Flock(fd.Number, (shared ? Posix.LOCK_SH : Posix.LOCK_EX) | Posix.LOCK_NB) != 0)
        {
            var errno = Marshal.GetLastPInvokeError();
            if (errno == Errno.EAGAIN)
            {
                fd.Dispose();
                return false;
            }
            if (errno != Errno.EINTR)
            {
                fd.Dispose();
                throw new PosixException("flock", BytePath.FromText(path), errno);
            }
        }
        return true;
    }

    /// <summary>Waits for the lock.</summary>
    internal static async Task<FileLock> AcquireAsync(
        string path, TimeProvider time, CancellationToken cancellationToken, bool shared = false)
    {
        // flock(2) can't be cancelled; the wait doubles from one millisecond to fifty.
        for (var wait = 1; ; wait = Math.Min(wait * 2, 50))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (TryAcquire(path, shared) is { } acquired)
            {
                return acquired;
            }
            await Task.Delay(TimeSpan.FromMilliseconds(wait), time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Waits, on this thread, for a shared lock.</summary>
    internal static FileLock AcquireShared(string path)
    {
        FileLock? acquired;
        while ((acquired = TryAcquire(path, shared: true)) is null)
        {
#pragma warning disable RS0030 // The caller is synchronous, and the kernel has no event for a freed lock.
            Thread.Sleep(1);
#pragma warning restore RS0030
        }
        return acquired;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_fd.IsClosed)
        {
            // A child process before its exec has a copy of the descriptor and would keep the lock; this releases the lock of
            // the copies too (flock(2)). Without such a child, closing alone would do, so a failure is ignored.
            _ = Posix.Flock(_fd.Number, Posix.LOCK_UN);
            _fd.Dispose();
        }
    }
}
