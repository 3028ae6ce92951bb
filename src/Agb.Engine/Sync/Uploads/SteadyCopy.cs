namespace Agb.Engine;

/// <summary>Stores one file of a session that may be writing to it, or removing it, at this moment.</summary>
internal static class SteadyCopy
{
    private const int Attempts = 3;

    /// <summary>Copies a file, symlink or FIFO, again when it changed meanwhile.</summary>
    /// <returns>The source's attributes from before the copy. What is written while it is copied, a growing log say, is so looked at
    /// again by the next upload.</returns>
    internal static FileStat Put(Fd from, Fd to, SyncStep step, SyncProgress? progress)
    {
        var name = Raw.NameOf(step.Path);
        for (var attempt = 1; ; attempt++)
        {
            long copied = 0;
            var before = EntryCopier.Copy(
                from, name, step.Stat.Kind, to, name, out var steady,
                count =>
                {
                    copied += count;
                    progress?.AddBytes(count);
                });
            if (steady || attempt == Attempts)
            {
                return before;
            }
            to.UnlinkAt(name);
            // It is copied once more, and counts once.
            progress?.AddBytes(-copied);
        }
    }

    /// <summary>Whether an error says that something is not there, or no longer what it was.</summary>
    internal static bool IsGone(PosixException e) =>
        e.Errno is PosixException.ENOENT or PosixException.ENOTDIR or PosixException.ELOOP;

    /// <summary>Whether the session removed what a step stores. A missing file of the store itself is damage, and must not pass for
    /// one that a session removed.</summary>
    internal static bool IsSourceGone(DirectoryCursor source, SyncStep step)
    {
        if (step.Operation == SyncOperation.Delete)
        {
            return false;
        }
        try
        {
            return source.At(Raw.DirectoryOf(step.Path)).TryStatAt(Raw.NameOf(step.Path)) is not { } stat
                || stat.Kind != step.Stat.Kind;
        }
        catch (PosixException e) when (IsGone(e))
        {
            return true;
        }
    }
}
