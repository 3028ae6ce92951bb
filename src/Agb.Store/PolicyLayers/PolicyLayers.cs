namespace Agb.Store;

/// <summary>Builds the policy layer of a mount: a directory beside the mount's, on top of the stored layers.
/// It has whiteouts for paths outside the white lists, and the unpacked archives. A policy without either
/// needs no layer, and costs nothing.</summary>
internal sealed class PolicyLayers(StorePaths paths, CatalogDb catalog, UnpackedLayers unpacked)
{
    /// <summary>Builds the layer of a new mount, or shares one with unpacked archives.</summary>
    /// <returns>Archives left packed because of an error, a line each.</returns>
    internal IReadOnlyList<string> Prepare(MountRow row, CancellationToken cancellationToken)
    {
        using var stored = OpenRestricted(row, new LayerTrees(paths, row.Stack));
        if (stored is null)
        {
            return [];
        }
        var archives = Archives(row, LayerStack.Parse(row.Stack), stored, cancellationToken);
        return archives.Count > 0 ? unpacked.Share(row, Make, cancellationToken) : Make(paths.PolicyLayer(row.SessionId, row.Name));

        List<string> Make(string directory)
        {
            var warnings = new List<string>();
            Fill(row, stored, archives, directory, (_, e) => warnings.Add($"{e.Message} It is left packed."), cancellationToken);
            return warnings;
        }
    }

    /// <summary>Builds the layer of a mount for another version than its own.</summary>
    /// <param name="row">The mount.</param>
    /// <param name="version">The version.</param>
    /// <param name="old">The stored view of the mount's own version: an archive that can't be unpacked is an error, unless the
    /// session has it from there.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The view with the layer on top; disposal removes the layer.</returns>
    /// <exception cref="AgbException">InvalidArchive.</exception>
    internal PolicyView Open(MountRow row, LayerTrees version, MergedDirectory old, CancellationToken cancellationToken)
    {
        var directory = paths.PolicyLayer(row.SessionId, row.Name) + "-" + RandomId.New();
        var warnings = new List<string>();
        try
        {
            using (var stored = OpenRestricted(row, version))
            {
                if (stored is not null)
                {
                    Fill(row, stored, Archives(row, version.Layers, stored, cancellationToken), directory, Tolerate, cancellationToken);
                }
            }
            return new PolicyView(MountView.Open(version, row.Origin, directory), directory)
            {
                IsUnpacked = row.Rules.Unpacks,
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

    /// <summary>Opens the stored view, if the policy may change it.</summary>
    private static MergedDirectory? OpenRestricted(MountRow row, LayerTrees version) =>
        version.Layers.Length == 0 || (row.Rules.Filter.IsAll && !row.Rules.Unpacks) ? null : version.OpenOrigin(row.Origin);

    /// <summary>The archives to unpack.</summary>
    private IReadOnlyList<string> Archives(MountRow row, string[] layers, MergedDirectory stored, CancellationToken cancellationToken) =>
        !stored.Exists || !row.Rules.Unpacks ? []
        : !row.Rules.IsArchive
            ? [.. new StoredArchives(paths, catalog).Find(layers, row.Origin, stored, cancellationToken).Where(row.Rules.Filter.Covers)]
        : stored.Lookup(ArchiveNames.OfMount) is { Kind: EntryKind.File } ? [ArchiveNames.OfMount] : [];

    private static void Fill(
        MountRow row, MergedDirectory stored, IReadOnlyList<string> archives, string directory, Action<(string Path, FileStat Stat), AgbException> failed,
        CancellationToken cancellationToken)
    {
        var (filter, isArchive) = (row.Rules.Filter, row.Rules.IsArchive);
        using var layer = new PolicyLayer(directory, stored, cancellationToken);
        foreach (var path in new WhiteListMask(filter, cancellationToken).Hidden(stored))
        {
            if (!isArchive || path != ArchiveNames.OfMount)
            {
                layer.Writer.Hide(path);
            }
        }
        foreach (var path in archives)
        {
            if (isArchive)
            {
                layer.UnpackMount(filter.IsAll ? null : filter.Admits);
                continue;
            }
            try
            {
                layer.Unpack(path, row.Rules.Extract);
            }
            catch (AgbException e) when (e.ErrorId == AgbErrorIds.InvalidArchive)
            {
                failed((path, stored.LookupPath(path)!.Value), e);
            }
        }
        layer.Finish();
    }
}

/// <summary>A view with a temporary layer, removed on disposal.</summary>
internal sealed class PolicyView(MergedDirectory root, string directory) : IDisposable
{
    internal MergedDirectory Root => root;

    /// <summary>Whether the layer may have unpacked files.</summary>
    internal bool IsUnpacked { get; init; }

    /// <summary>Archives left packed because of an error, a line each.</summary>
    internal IReadOnlyList<string> Warnings { get; init; } = [];

    /// <inheritdoc/>
    public void Dispose()
    {
        root.Dispose();
        TreeRemover.Remove(directory);
    }
}
