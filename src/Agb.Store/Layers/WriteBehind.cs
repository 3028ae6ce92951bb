namespace Agb.Store;

/// <summary>Early write-back in the background, so that the final flush has less to wait for.</summary>
internal sealed class WriteBehind(string directory) : IDisposable
{
    private BackgroundTask? _flush;

    /// <summary>Starts a flush of the file system for many entries, at most once.</summary>
    /// <param name="entries">Number of written files and directories.</param>
    internal void Begin(long entries)
    {
        if (_flush is not null || entries < InodePlacement.ManyFiles)
        {
            return;
        }
        var opened = Fd.OpenDirectory(directory);
        _flush = new BackgroundTask(aside: true, () =>
        {
            using (opened)
            {
                opened.SyncFileSystem();
            }
        });
    }

    /// <summary>Waits for the flush. A write error is reported once to each descriptor open at the time (syncfs(2)): maybe not
    /// to the one of the final flush.</summary>
    /// <exception cref="PosixException">A write failed.</exception>
    internal void Finish() => _flush?.Finish();

    /// <inheritdoc/>
    public void Dispose() => _flush?.Dispose();
}
