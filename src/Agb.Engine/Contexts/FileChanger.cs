using System.Buffers;

namespace Agb.Engine;

/// <summary>Changes files of a context without a session: all changes of one call make one version, or none. Contents are
/// written first, under the change's own lock only, because their streams may be slow. Then, under the context's lock, the
/// changes are applied to the newest version. For the order of writes see docs/format.md.</summary>
internal sealed class FileChanger(EngineParts parts)
{
    private const string ContentName = "content";
    private const int CopyBuffer = 128 * 1024;

    // Large files are flushed as they are written, to shorten the time under the context's lock.
    private const long FlushedAtOnce = 1 << 20;

    /// <summary>Changes files of a context.</summary>
    /// <returns>The version, or null when nothing changed.</returns>
    internal async Task<VersionRow?> ChangeAsync(
        string contextId, IAsyncEnumerable<AgbContextFileChange> changes, CancellationToken cancellationToken)
    {
        var id = parts.Catalog.Read(tx => ContextOperations.Require(tx, contextId)).Id;
        var lockName = StagingRecovery.ChangeLockPrefix + RandomId.New();
        var lockFile = parts.Paths.ChangeLock(lockName);
        VersionRow? made;
        using (await FileLock.AcquireAsync(lockFile, parts.Time, cancellationToken).ConfigureAwait(false))
        {
            try
            {
                using var staged = StagedLayer.Begin(parts.Paths, new StagingOwner(null, null, false, id, lockName));
                var steps = await WriteContentsAsync(staged, changes, cancellationToken).ConfigureAwait(false);
                FaultPoint.Reach(FaultPoint.StagingWritten);
                using var contextLock = await FileLock.AcquireAsync(parts.Paths.ContextLock(id), parts.Time, cancellationToken).ConfigureAwait(false);
                await parts.Clearer.FinishLockedAsync(id, cancellationToken).ConfigureAwait(false);
                using var head = await Snapshot.OpenAsync(parts.Paths, parts.Catalog, id, parts.Time, cancellationToken).ConfigureAwait(false);
                made = Commit(head, staged, steps, cancellationToken);
            }
            finally
            {
                RemoveLockFile(lockFile);
            }
        }
        if (made is not null)
        {
            parts.Maintenance.Maintain(id);
        }
        return made;
    }

    private void RemoveLockFile(string lockFile)
    {
        try
        {
            FaultSeam.Before("unlink", lockFile);
            File.Delete(lockFile);
        }
        catch (Exception e)
        {
            // The change may be committed by now and must not fail any more; recovery removes the file.
            parts.Log.ChangeLockKept(lockFile, e);
        }
    }

    private async Task<List<ChangeStep>> WriteContentsAsync(
        StagedLayer staged, IAsyncEnumerable<AgbContextFileChange> changes, CancellationToken cancellationToken)
    {
        using var layer = Fd.OpenDirectory(parts.Paths.Staged(staged.Id));
        layer.MkdirAt(ContentName);
        using var contents = layer.OpenDirectoryAt(ContentName);
        var steps = new List<ChangeStep>();
        await foreach (var change in changes.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            var step = new ChangeStep(ChangeRules.Require(change), $"{steps.Count}");
            if (step.Change is AgbContextFileChange.Put put)
            {
                await WriteContentAsync(contents, step.ContentName, put, cancellationToken).ConfigureAwait(false);
            }
            steps.Add(step);
        }
        return steps;
    }

    private static async Task WriteContentAsync(
        Fd contents, string name, AgbContextFileChange.Put put, CancellationToken cancellationToken)
    {
        using var file = contents.CreateAt(name);
        var source = await ReadAsync(put, async () => await put.Open(cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
        await using (source.ConfigureAwait(false))
        {
            var buffer = ArrayPool<byte>.Shared.Rent(CopyBuffer);
            try
            {
                long written = 0;
                int read;
                while ((read = await ReadAsync(put, () => source.ReadAsync(buffer, cancellationToken).AsTask()).ConfigureAwait(false)) > 0)
                {
                    file.Write(buffer.AsSpan(0, read), written);
                    written += read;
                }
                if (written >= FlushedAtOnce)
                {
                    file.Sync();
                }
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    /// <summary>Reads from the caller's stream, with its errors kept apart from the store's.</summary>
    private static async Task<T> ReadAsync<T>(AgbContextFileChange.Put put, Func<Task<T>> read)
    {
        try
        {
            return await read().ConfigureAwait(false);
        }
        catch (Exception e) when (e is not (AgbException or OperationCanceledException))
        {
            throw new AgbException(
                AgbErrorIds.UnexpectedError, AgbErrorKind.Failed, $"The content for '{put.Path}' can't be read: {e.Message}",
                "Nothing was stored. Try again when the source can be read.", put.Path, e);
        }
    }

    private VersionRow? Commit(Snapshot head, StagedLayer staged, List<ChangeStep> steps, CancellationToken cancellationToken)
    {
        var contextId = head.Context.Id;
        int entries;
        StackDiff diff;
        using (var before = head.Open())
        {
            entries = Apply(contextId, staged, before, steps, cancellationToken);
            using var after = head.OpenWith(staged);
            diff = StackDiff.Measure(before, after, cancellationToken);
        }
        if (diff.IsEmpty)
        {
            return null;
        }
        FaultPoint.Reach(FaultPoint.StagingRebased);
        staged.Place();
        staged.Flush(entries);
        FaultPoint.Reach(FaultPoint.LayerFlushed);
        var made = parts.Catalog.Write(tx => Record(tx, contextId, staged, steps, diff, entries));
        staged.Recorded(parts.Log);
        return made;
    }

    private int Apply(
        string contextId, StagedLayer staged, MergedDirectory head, List<ChangeStep> steps, CancellationToken cancellationToken)
    {
        using var layer = Fd.OpenDirectory(parts.Paths.Staged(staged.Id));
        using var contents = layer.OpenDirectoryAt(ContentName);
        using var editor = new LayerEditor(contextId, staged.Tree, head, parts.Time.GetUtcNow());
        foreach (var (change, content) in steps)
        {
            cancellationToken.ThrowIfCancellationRequested();
            switch (change)
            {
                case AgbContextFileChange.Put put:
                    editor.Put(put.Path, contents, content, (uint?)put.Mode, put.ModifiedAt);
                    break;
                case AgbContextFileChange.Link link:
                    editor.Link(link.Path, link.Target);
                    break;
                case AgbContextFileChange.MakeDirectory directory:
                    editor.MakeDirectory(directory.Path, (uint?)directory.Mode);
                    break;
                case AgbContextFileChange.Remove remove:
                    editor.Remove(remove.Path, remove.Recurse);
                    break;
            }
        }
        editor.Finish();
        layer.RmdirAt(ContentName);
        return editor.Entries;
    }

    private VersionRow Record(CatalogTransaction tx, string contextId, StagedLayer staged, List<ChangeStep> steps, StackDiff diff, int entries)
    {
        // First: a context removed meanwhile has no row to hang origins on.
        var made = VersionCommit.Append(tx, diff.ToVersion(contextId, parts.Time.GetUtcNow(), AgbVersionOrigin.Files), staged, entries);
        var origins = ContextTable.Origins(tx, contextId);
        foreach (var directory in steps.Select(s => ChangeRules.DirectoryOf(s.Change)).OfType<string>().Distinct().Order(StringComparer.Ordinal))
        {
            if (!origins.Exists(o => LinuxPath.IsAtOrBelow(directory, o)))
            {
                ContextTable.AddOrigin(tx, contextId, directory);
                origins.Add(directory);
            }
        }
        OriginTable.Reconsider(tx, contextId);
        return made;
    }

    /// <summary>A change and the name of its staged content.</summary>
    private sealed record ChangeStep(AgbContextFileChange Change, string ContentName);
}
