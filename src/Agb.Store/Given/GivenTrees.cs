namespace Agb.Store;

/// <summary>Makes what a mount's policy has a session see in place of what is stored: a layer beside the mount's directory,
/// which lies on top of the stored ones. It hides what a white list leaves out, and holds what was unpacked. A policy that
/// shows all as it is stored needs none, and costs nothing.</summary>
internal sealed class GivenTrees(StorePaths paths, CatalogDb catalog)
{
    /// <summary>Makes the layer that a new mount needs.</summary>
    /// <returns>What could not be unpacked, a line each.</returns>
    internal IReadOnlyList<string> Prepare(MountRow row, CancellationToken cancellationToken)
    {
        var warnings = new List<string>();
        Make(row, row.Stack, paths.Given(row.SessionId, row.Name), (_, e) => warnings.Add($"{e.Message} It is left packed."), cancellationToken);
        return warnings;
    }

    /// <summary>Makes the layer for another version than the one that the session was started with.</summary>
    /// <param name="row">The mount.</param>
    /// <param name="stack">The version's layers.</param>
    /// <param name="old">What is stored in the version that the session was started with: an archive that can't be unpacked is
    /// an error unless the session has it from there.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The view with the layer on top; disposing of it removes the layer.</returns>
    /// <exception cref="AgbException">InvalidArchive.</exception>
    internal GivenView Open(MountRow row, string stack, MergedDirectory old, CancellationToken cancellationToken)
    {
        var directory = paths.Given(row.SessionId, row.Name) + "-" + RandomId.New();
        var warnings = new List<string>();
        try
        {
            Make(row, stack, directory, Tolerate, cancellationToken);
            return new GivenView(MountView.Open(paths, stack, row.Origin, directory), directory)
            {
                IsUnpacked = row.Policy.Extract.Extract,
                Warnings = warnings,
            };
        }
        catch
        {
            TreeRemover.Remove(directory);
            throw;
        }

        void Tolerate((string Path, FileStat Stat) archive, AgbException e)
        {
            if (old.LookupPath(archive.Path) is not { } had || had.Ino != archive.Stat.Ino || had.Device != archive.Stat.Device)
            {
                throw e;
            }
            warnings.Add($"{e.Message} It is left packed.");
        }
    }

    private void Make(
        MountRow row, string stack, string directory, Action<(string Path, FileStat Stat), AgbException> failed, CancellationToken cancellationToken)
    {
        var filter = PathFilter.Of(row.Policy, row.Path);
        var isArchive = row.Policy.Upload.UploadMode == AgbUploadMode.Archive;
        if (stack.Length == 0 || (filter.IsAll && !row.Policy.Extract.Extract))
        {
            return;
        }
        using var stored = MountView.Open(paths, stack, row.Origin);
        var archives = !stored.Exists || !row.Policy.Extract.Extract ? []
            : isArchive ? stored.Lookup(ArchiveNames.OfMount) is { Kind: EntryKind.File } ? [ArchiveNames.OfMount] : []
            : new StoredArchives(paths, catalog).Find(stack, row.Origin, stored, cancellationToken);
        using var layer = new GivenLayer(directory, stored, cancellationToken);
        foreach (var path in new WhiteListMask(filter, cancellationToken).Hidden(stored))
        {
            if (!isArchive || path != ArchiveNames.OfMount)
            {
                layer.Writer.Hide(path);
            }
        }
        foreach (var path in archives.Where(p => isArchive || filter.Covers(p)))
        {
            if (isArchive)
            {
                layer.UnpackMount(filter.IsAll ? null : filter.Admits);
                continue;
            }
            try
            {
                layer.Unpack(path, row.Policy.Extract);
            }
            catch (AgbException e) when (e.ErrorId == AgbErrorIds.InvalidArchive)
            {
                failed((path, stored.LookupPath(path)!.Value), e);
            }
        }
        layer.Finish();
    }
}

/// <summary>A view with a layer that lives as long as it.</summary>
internal sealed class GivenView(MergedDirectory root, string directory) : IDisposable
{
    internal MergedDirectory Root => root;

    /// <summary>Whether the layer may hold files of its own.</summary>
    internal bool IsUnpacked { get; init; }

    /// <summary>What could not be unpacked, a line each.</summary>
    internal IReadOnlyList<string> Warnings { get; init; } = [];

    /// <inheritdoc/>
    public void Dispose()
    {
        root.Dispose();
        TreeRemover.Remove(directory);
    }
}
