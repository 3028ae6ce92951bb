namespace Agb.Store;

/// <summary>Has the device write while other work is done; else all of it would wait for the flush that counts.</summary>
internal sealed class EarlyFlush(string directory) : IDisposable
{
    private SideWork? _flush;

    /// <summary>Begins to flush the file system, if there is much to flush and this was not done before.</summary>
    /// <param name="entries">How many files and directories were written.</param>
    internal void Begin(long entries)
    {
        if (_flush is not null || entries < InodePlacement.ManyFiles)
        {
            return;
        }
        var opened = Fd.OpenDirectory(directory);
        _flush = new SideWork(aside: true, () =>
        {
            using (opened)
            {
                opened.SyncFileSystem();
            }
        });
    }

    /// <summary>Waits for it. What goes wrong with the writing is told once to each descriptor that was open by then (syncfs(2)): the
    /// one of the flush that counts may not have been.</summary>
    /// <exception cref="PosixException">Something was not written.</exception>
    internal void Finish() => _flush?.Finish();

    /// <inheritdoc/>
    public void Dispose() => _flush?.Dispose();
}
