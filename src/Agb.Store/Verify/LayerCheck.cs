namespace Agb.Store;

/// <summary>Checks layers, one by one, against their sums, and the sums against the catalog.</summary>
internal sealed class LayerCheck(
    StorePaths paths, CatalogDb catalog, AgbStoreCheckOptions options, CatalogSnapshot snapshot, Findings found,
    CancellationToken cancellationToken)
{
    private readonly LayerContents _contents = new(cancellationToken);
    private readonly LargeCheck _large = new(paths, options, snapshot, found, cancellationToken);

    // For the current layer.
    private bool _hasUnreadable;

    internal void Check(LayerRow layer)
    {
        found.Layers++;
        if (!Directory.Exists(paths.LayerTree(layer.Id)))
        {
            found.Add(snapshot.Of(layer.Id, AgbStoreProblemKind.LayerMissing, null, $"the directory layers/{layer.Id}/tree", "nothing"));
            return;
        }
        CheckTimes(layer.Id);
        _large.Check(layer.Id);
        var seal = snapshot.Seals.GetValueOrDefault(layer.Id);
        var sums = LoadSums(layer.Id, seal, out var problem);
        try
        {
            CheckEntries(layer, sums, seal, problem);
        }
        catch (PosixException e) when (IsOfTheEntry(e))
        {
            if (problem is not null)
            {
                found.Add(problem);
            }
            found.Add(snapshot.Of(layer.Id, AgbStoreProblemKind.EntryUnreadable, null, "entries that can be read", e.Message));
        }
    }

    private void CheckEntries(LayerRow layer, LayerSums? sums, LayerSeal? seal, AgbStoreProblem? problem)
    {
        _hasUnreadable = false;
        using var tree = Fd.OpenTree(paths.LayerTree(layer.Id));
        var actual = new LayerWalk(cancellationToken).Read(tree);
        if (options.Deep)
        {
            AddContents(layer.Id, tree, actual, IsOfTheEntry);
        }
        found.Entries += actual.Count;
        if (sums is not null)
        {
            Compare(layer.Id, sums, actual, tree, seal);
        }
        else if (problem is null)
        {
            found.LayersWithoutSums++;
            found.FilesWithoutHash += actual.Count(e => e.Kind == EntryKind.File);
            if ((options.Deep || options.Repair) && !paths.IsReadOnly)
            {
                Record(layer.Id, new LayerSums(actual));
            }
        }
        else
        {
            found.Add(Rebuild(layer.Id, problem, actual, tree, seal));
        }
    }

    // A full or read-only device says nothing about the entry, and neither does a host without free descriptors.
    private static bool IsOfTheEntry(PosixException e) =>
        !Exhaustion.Is(e) && e.Errno is not (Errno.ENOSPC or Errno.EDQUOT or Errno.EROFS);

    private void CheckTimes(string layerId)
    {
        try
        {
            LayerTimes.Verify(paths.LayerTimes(layerId));
        }
        catch (Exception e) when (e is AgbException { ErrorId: AgbErrorIds.StoreCorrupt } or IOException && !Exhaustion.Is(e))
        {
            found.Add(snapshot.Of(
                layerId, AgbStoreProblemKind.TimesDamaged, $"layers/{layerId}/times", "the storage times of the layer's entries", e.InnerException?.Message ?? "other content"));
        }
    }

    /// <summary>Reads a layer's sums, unless they are damaged or differ from the catalog's seal.</summary>
    private LayerSums? LoadSums(string layerId, LayerSeal? seal, out AgbStoreProblem? problem)
    {
        var damage = "";
        problem = null;
        try
        {
            var sums = LayerSums.Load(paths.Layer(layerId));
            if (sums is null)
            {
                // Layers of older programs have neither sums nor a seal.
                problem = seal is null ? null : snapshot.Of(layerId, AgbStoreProblemKind.SumsMissing, $"layers/{layerId}/sums", "the layer's sums", "no such file");
                return null;
            }
            if (seal is null || (sums.Seal.Metadata == seal.Metadata && (seal.Contents is null || sums.Seal.Contents == seal.Contents)))
            {
                return sums;
            }
            damage = "sums that differ from the catalog's hashes";
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException && !Exhaustion.Is(e))
        {
            damage = e.Message;
        }
        problem = snapshot.Of(layerId, AgbStoreProblemKind.SumsDamaged, $"layers/{layerId}/sums", "the layer's sums", damage);
        return null;
    }

    private void AddContents(string layerId, Fd tree, List<LayerEntry> actual, Func<PosixException, bool> isUnreadable)
    {
        try
        {
            foreach (var (entry, error) in _contents.Add(tree, actual, isUnreadable))
            {
                _hasUnreadable = true;
                found.Add(snapshot.Of(layerId, AgbStoreProblemKind.EntryUnreadable, LayerComparison.Shown(entry.Path), "content that can be read", error.Message));
            }
        }
        finally
        {
            found.BytesRead = _contents.BytesHashed;
        }
    }

    private void Compare(string layerId, LayerSums sums, List<LayerEntry> actual, Fd tree, LayerSeal? seal)
    {
        var comparison = new LayerComparison(layerId, snapshot, sums.Entries, actual);
        var problems = comparison.Run(tree);
        try
        {
            if (options.Repair && problems.Count > 0)
            {
                new EntryRepair(tree, comparison, cancellationToken).Run(problems);
            }
        }
        finally
        {
            problems.ForEach(p => found.Add(p.Problem));
        }
        var isSound = problems.Count == 0 && !_hasUnreadable;
        var isIncomplete = sums.Entries.Any(e => e.Kind == EntryKind.File && e.Content is null);
        if (options.Deep && isIncomplete)
        {
            found.FilesWithoutHash += sums.Entries.Count(e => e.Kind == EntryKind.File && e.Content is null);
            if (isSound && !paths.IsReadOnly)
            {
                // Recorded metadata stays: the current one may be temporary (LayerComparison.IsOpenedUp).
                var taken = actual.ToDictionary(e => e.Path, e => e.Content, StringComparer.Ordinal);
                Record(layerId, new LayerSums(
                    [.. sums.Entries.Select(e => e.Kind == EntryKind.File && e.Content is null ? e with { Content = taken[e.Path] } : e)]));
            }
        }
        else if (((seal is null && options.Repair) || (options.Deep && seal?.Contents is null)) && isSound && !paths.IsReadOnly)
        {
            // Complete sums with an incomplete seal: a check ended between the two writes.
            catalog.Write(tx => SealTable.Put(tx, layerId, sums.Seal));
        }
    }

    /// <summary>Records the sums of the current content for later checks.</summary>
    private void Record(string layerId, LayerSums sums)
    {
        Save(layerId, sums);
        catalog.Write(tx => SealTable.Put(tx, layerId, sums.Seal));
    }

    /// <summary>Rebuilds lost sums if they match the catalog's hashes.</summary>
    private AgbStoreProblem Rebuild(string layerId, AgbStoreProblem problem, List<LayerEntry> actual, Fd tree, LayerSeal? seal)
    {
        // Without a deep check, files have no content hashes here.
        var metadata = new LayerSums([.. actual.Select(e => e.WithoutContent)]);
        if (seal is not null && metadata.Seal.Metadata != seal.Metadata)
        {
            return problem with { Found = $"{problem.Found}; the layer's entries do not match the catalog's hash" };
        }
        if (seal is null || (!options.Repair && !options.Deep))
        {
            return problem;
        }
        if (seal.Contents is null)
        {
            return SaveIf(options.Repair, layerId, problem, metadata);
        }
        if (!options.Deep)
        {
            AddContents(layerId, tree, actual, _ => false);
        }
        var full = new LayerSums(actual);
        if (full.Seal.Contents == seal.Contents)
        {
            return SaveIf(options.Repair, layerId, problem, full);
        }
        found.Add(snapshot.Of(
            layerId, AgbStoreProblemKind.ContentChanged, null, $"total content with the hash {seal.Contents:x32}", $"{full.Seal.Contents:x32}"));
        return problem;
    }

    private AgbStoreProblem SaveIf(bool repair, string layerId, AgbStoreProblem problem, LayerSums sums)
    {
        if (!repair)
        {
            return problem;
        }
        Save(layerId, sums);
        return problem with { IsRepaired = true };
    }

    private void Save(string layerId, LayerSums sums)
    {
        sums.Save(paths.Layer(layerId), flush: true);
        using var directory = Fd.OpenDirectory(paths.Layer(layerId));
        directory.Sync();
    }
}
