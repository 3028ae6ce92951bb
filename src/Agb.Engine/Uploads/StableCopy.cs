namespace Agb.Engine;

/// <summary>Stores one file of a session despite concurrent writes and removals.</summary>
internal static class StableCopy
{
    private const int Attempts = 3;

    /// <summary>Copies a file, symlink or FIFO, and retries if it changed during the copy.</summary>
    /// <returns>The source's attributes before the copy, so the next upload checks a file changed during the copy again, for
    /// example a growing log.</returns>
    internal static FileStat Put(Fd from, Fd to, SyncStep step, SyncProgress? progress)
    {
        var name = BytePath.NameOf(step.Path);
        for (var attempt = 1; ; attempt++)
        {
            long copied = 0;
            var entry = EntryCopier.Copy(
                from, name, step.Stat.Kind, to, name,
                count =>
                {
                    copied += count;
                    progress?.AddBytes(count);
                });
            if (entry.IsSteady || attempt == Attempts)
            {
                return entry.Source;
            }
            to.UnlinkAt(name);
            // The next attempt counts the bytes again.
            progress?.AddBytes(-copied);
        }
    }

    /// <summary>Whether the session removed the source of a step. A missing file of the store itself is damage, and must not
    /// count as a removal.</summary>
    internal static bool IsSourceGone(Func<string, Fd> holderOf, SyncStep step)
    {
        if (step.Operation == SyncOperation.Delete)
        {
            return false;
        }
        try
        {
            return holderOf(step.Path).TryStatAt(BytePath.NameOf(step.Path)) is not { } stat
                || stat.Kind != step.Stat.Kind;
        }
        catch (PosixException e) when (Errno.IsGone(e.Errno))
        {
            return true;
        }
    }
}
