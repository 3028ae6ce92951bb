namespace Agb.Store;

/// <summary>Opens the view of a mount, with its policy layer on top if there is one.</summary>
internal static class MountView
{
    /// <summary>Opens the view of a mount at its session's start.</summary>
    internal static MergedDirectory Open(StorePaths paths, MountRow row) =>
        Open(new LayerTrees(paths, row.Stack), row.Origin, paths.FindPolicyLayer(row.SessionId, row.Name));

    /// <summary>Opens the view of a version.</summary>
    /// <param name="version">The version.</param>
    /// <param name="origin">The mount's origin.</param>
    /// <param name="given">The directory of a policy layer; null or missing for none.</param>
    internal static MergedDirectory Open(LayerTrees version, string origin, string? given)
    {
        var stored = version.OpenOrigin(origin);
        return Directory.Exists(given) ? MergedDirectory.Over(Fd.OpenTree(given), stored) : stored;
    }
}
