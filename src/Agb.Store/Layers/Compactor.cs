namespace Agb.Store;

/// <summary>Keeps stacks short: in a too deep one, the run of neighbouring layers with the fewest entries is
/// merged into one. Files are hard-linked, never copied, and big old layers stay, so the cost depends on the
/// uploads, not on the context's size.</summary>
internal sealed class Compactor(StorePaths paths, CatalogDb catalog, TimeProvider time, ILogger log)
{
    /// <summary>Depth above which a stack is compacted. Overlayfs allows 500 lower directories; each has a small cost at the
    /// mount and at every look-up of a missing name.</summary>
    internal const int MaxDepth = 24;

    /// <summary>Number of layers per merge.</summary>
    internal const int RunLength = 9;

    /// <summary>Compacts a context's newest version if its stack is too deep. The content does not change.</summary>
    /// <returns>Whether layers were merged; false also while another process writes to the context.</returns>
    internal bool CompactIfDeep(string contextId, CancellationToken cancellationToken)
    {
        if (StackOf(contextId).Length <= MaxDepth)
        {
            return false;
        }
        using var contextLock = FileLock.TryAcquire(paths.ContextLock(contextId));
        if (contextLock is null)
        {
            return false;
        }
        var stack = StackOf(contextId);
        if (stack.Length <= MaxDepth)
        {
            return false;
        }
        var entries = catalog.Read(tx => VersionTable.LayerEntries(tx, contextId));
        var start = SmallestRun(stack, entries);
        var run = stack[start..(start + RunLength)];
        using var staged = StagedLayer.Begin(paths, new StagingOwner(null, null, false, contextId));
        var (times, archives) = catalog.Read(tx => (new LayerTimes(paths, tx, contextId), run.Select(l => ArchiveTable.OfLayer(tx, l)).ToArray()));
        var entriesOf = new List<(string Path, DateTimeOffset StoredAt)>();
        var lower = stack[(start + RunLength)..];
        using var below = lower.Length == 0 ? null : MergedDirectory.Open(lower.Select(paths.LayerTree), "");
        var merger = new LayerMerger(below, Note, cancellationToken);
        var count = merger.Merge(run.Select(paths.LayerTree), staged.Tree);
        LayerTimes.Save(Path.Combine(paths.Staged(staged.Id), "times"), entriesOf);
        staged.Place(mergedFrom: run);
        staged.Flush(count);
        catalog.Write(tx =>
        {
            // The lock prevents uploads: the newest version is still the same.
            var merged = new NewLayer
            {
                Id = staged.Id, ContextId = contextId, CreatedAt = time.GetUtcNow(), StoredAt = null, Entries = count,
                HasLinks = VersionTable.MayHaveLinks(tx, LayerStack.Format(run)),
            };
            VersionCommit.Replace(tx, staged, merged, [.. stack[..start], staged.Id, .. lower]);
            if (archives.All(a => a is not null))
            {
                // Archives deleted in an upper layer are harmless here: a mount checks their existence.
                ArchiveTable.SetKnown(tx, staged.Id, archives.SelectMany(a => a!));
            }
        });
        staged.Recorded(log);
        return true;

        void Note(string hostPath)
        {
            // layers/ID/tree/PATH
            var inLayers = hostPath[(BytePath.FromText(paths.Layers).TrimEnd('/').Length + 1)..];
            var id = inLayers[..inLayers.IndexOf('/')];
            var path = inLayers[(id.Length + "/tree/".Length)..];
            entriesOf.Add((path, times.StoredAt(id, path)));
            if (LargeIndex.OfLayer(paths, id).Ids.TryGetValue(path, out var content))
            {
                staged.Large.Note(path, content);
            }
        }
    }

    /// <summary>Index of the run of layers with the fewest entries.</summary>
    internal static int SmallestRun(IReadOnlyList<string> stack, IReadOnlyDictionary<string, long> entries)
    {
        var (best, bestSum) = (0, long.MaxValue);
        for (var start = 0; start + RunLength <= stack.Count; start++)
        {
            var sum = 0L;
            for (var i = start; i < start + RunLength; i++)
            {
                sum += entries[stack[i]];
            }
            if (sum < bestSum)
            {
                (best, bestSum) = (start, sum);
            }
        }
        return best;
    }

    private string[] StackOf(string contextId) => catalog.Read(tx =>
        ContextTable.ById(tx, contextId) is { } context ? LayerStack.Parse(VersionTable.HeadStack(tx, context)) : []);
}
