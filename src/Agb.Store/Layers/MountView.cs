namespace Agb.Store;

/// <summary>Opens the view of a mount, with its policy layer on top if there is one.</summary>
internal static class MountView
{
    /// <summary>Opens the view of a mount at its session's start.</summary>
    internal static MergedDirectory Open(StorePaths paths, MountRow row)
    {
        var stored = Over(paths.LargeLayer(row.SessionId, row.Name), new LayerTrees(paths, row.Stack).OpenOrigin(row.Origin));
        return Over(paths.FindPolicyLayer(row.SessionId, row.Name), stored);
    }

    /// <summary>Opens the same view with the placeholders of large files, to compare their inodes.</summary>
    internal static MergedDirectory OpenStored(StorePaths paths, MountRow row) =>
        Open(new LayerTrees(paths, row.Stack), row.Origin, paths.FindPolicyLayer(row.SessionId, row.Name));

    /// <summary>Opens the view of a version.</summary>
    /// <param name="version">The version.</param>
    /// <param name="origin">The mount's origin.</param>
    /// <param name="given">The directory of a policy layer; null or missing for none.</param>
    internal static MergedDirectory Open(LayerTrees version, string origin, string? given) => Over(given, version.OpenOrigin(origin));

    private static MergedDirectory Over(string? layer, MergedDirectory below) =>
        Directory.Exists(layer) ? MergedDirectory.Over(Fd.OpenTree(layer), below) : below;
}
