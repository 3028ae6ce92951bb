using Agb.Engine.Native;

namespace Agb.Engine.Store;

/// <summary>Has the device write while other work is done; else all of it would wait for the flush that counts. Only a hint, on a
/// descriptor of its own: what goes wrong is told to that other flush, whose descriptor was opened before (syncfs(2)).</summary>
internal sealed class EarlyFlush : IDisposable
{
    private readonly Fd _directory;
    private readonly Task _flush;

    private EarlyFlush(Fd directory)
    {
        _directory = directory;
        _flush = Task.Run(() => _ = Posix.Syncfs(directory.Number));
    }

    /// <summary>Begins to flush a file system, if there is much to flush.</summary>
    /// <param name="directory">A directory on it.</param>
    /// <param name="entries">How many files and directories were written.</param>
    internal static EarlyFlush? Begin(string directory, long entries) =>
        entries < FileBatch.ManyFiles ? null : new EarlyFlush(Fd.OpenDirectory(directory));

    /// <summary>Waits for it.</summary>
    public void Dispose()
    {
        _flush.GetAwaiter().GetResult();
        _directory.Dispose();
    }
}
