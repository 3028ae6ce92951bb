namespace Agb.Engine;

/// <summary>Stores batches of files in several threads. The directories exist already.</summary>
internal sealed class WorkerPool(Fd source, Fd target, IReadOnlyList<SyncStep> steps, IReadOnlyList<FileBatch> batches, SyncProgress? progress)
{
    /// <summary>Stores the files.</summary>
    /// <returns>The result of each step: the source's attributes before the copy, or null if the source is gone.</returns>
    internal IEnumerable<(SyncStep Step, FileStat? Stored)> Run(CancellationToken cancellationToken)
    {
        var done = new (SyncStep, FileStat?)[batches.Count][];
        SharedWork.Run(batches.Count, (next, hasFailed) => done[next] = Store(batches[next], hasFailed, cancellationToken));
        return done.SelectMany(d => d);
    }

    private (SyncStep, FileStat?)[] Store(FileBatch batch, Func<bool> hasFailed, CancellationToken cancellationToken)
    {
        using var from = new DirectoryCursor(source);
        using var to = new DirectoryCursor(target);
        var directory = to.At(batch.Directory);
        var done = new (SyncStep, FileStat?)[batch.Count];
        // Checked for each file, because the files of a batch may be large.
        for (var i = 0; i < done.Length && !hasFailed(); i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var step = steps[batch.Start + i];
            done[i] = (step, TryStore(step, from, directory));
        }
        return done;
    }

    private FileStat? TryStore(SyncStep step, DirectoryCursor from, Fd to)
    {
        try
        {
            var stored = StableCopy.Put(from.At(BytePath.DirectoryOf(step.Path)), to, step, progress);
            progress?.AddFile();
            return stored;
        }
        catch (PosixException e) when (Errno.IsGone(e.Errno) && StableCopy.IsSourceGone(path => from.At(BytePath.DirectoryOf(path)), step))
        {
            return null;
        }
    }
}
