namespace Agb.Engine;

/// <summary>A mount's tree before its upload. The session's lock is held.</summary>
internal sealed class UploadSource : IDisposable
{
    private UploadSource(MountRow row, IContextMount mount, UploadCare care, string directory, Fd tree, ChangeTrees changes)
    {
        Row = row;
        Mount = mount;
        Care = care;
        Directory = directory;
        Tree = tree;
        Changes = changes;
    }

    internal MountRow Row { get; }

    /// <summary>The mount method.</summary>
    internal IContextMount Mount { get; }

    internal UploadCare Care { get; }

    /// <summary>The mount's directory, with the tree and its manifests.</summary>
    internal string Directory { get; }

    /// <summary>The session's tree.</summary>
    internal Fd Tree { get; }

    /// <summary>The session's tree, on top of its fork layers.</summary>
    internal ChangeTrees Changes { get; }

    /// <summary>The tree at the previous upload.</summary>
    internal required Manifest Previous { get; init; }

    /// <summary>Whether the tree can become the layer by a rename, if no directory of an earlier version was renamed.</summary>
    internal required bool MayBeAdopted { get; init; }

    /// <summary>The first untrusted change time: a later write may have the same.</summary>
    internal long Young { get; private set; } = long.MaxValue;

    /// <summary>Opens a tree.</summary>
    internal static UploadSource Open(StorePaths paths, MountRow row, IContextMount mount, UploadCare care)
    {
        var tree = Fd.OpenTree(TreePath(paths, row, mount));
        ChangeTrees? changes = null;
        try
        {
            changes = ChangeTrees.Open(paths, row, tree);
            var directory = paths.Mount(row.SessionId, row.Name);
            return new UploadSource(row, mount, care, directory, tree, changes)
            {
                Previous = PreviousManifest(directory, row, mount, care.Doubt),
                MayBeAdopted = care is { Released: true, Doubt: null } && mount.IsOverlay && row.Manifest is null && !changes.HasForks
                    && !row.IsPartial(paths) && !row.Rules.IsArchive,
            };
        }
        catch
        {
            changes?.Dispose();
            tree.Dispose();
            throw;
        }
    }

    internal static string TreePath(StorePaths paths, MountRow row, IContextMount mount) =>
        Path.Combine(paths.Mount(row.SessionId, row.Name), mount.TreeName);

    /// <summary>Waits until later changes of a running session get a later time.</summary>
    internal async Task SettleAsync(CancellationToken cancellationToken)
    {
        if (!Care.Released)
        {
            Young = await TimestampGranularity.SettleAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Changes.Dispose();
        Tree.Dispose();
    }

    private static Manifest PreviousManifest(string directory, MountRow row, IContextMount mount, string? doubt)
    {
        try
        {
            return row.Manifest is null ? mount.FirstManifest(row) : Manifest.Load(ManifestFiles.PathOf(directory, row.Manifest));
        }
        catch (AgbException e) when (doubt is not null && e.ErrorId == AgbErrorIds.StoreCorrupt)
        {
            // The first manifest of a copy is never flushed. Without it every entry is compared with the stored tree.
            return new Manifest();
        }
    }
}
