namespace Agb.Store;

/// <summary>Opens the view of a stack at a mount's origin.</summary>
internal static class MountView
{
    /// <summary>Opens the view of a mount at its session's start.</summary>
    internal static MergedDirectory Open(StorePaths paths, MountRow row) =>
        Open(paths, row.Stack, row.Origin, paths.Given(row.SessionId, row.Name));

    /// <summary>Opens the view with a policy layer on top, if there is one.</summary>
    internal static MergedDirectory Open(StorePaths paths, string stack, string origin, string given)
    {
        var stored = Open(paths, stack, origin);
        return Directory.Exists(given) ? MergedDirectory.Over(Fd.OpenTree(given), stored) : stored;
    }

    /// <summary>Opens the view; a missing path is empty.</summary>
    /// <exception cref="AgbException">InvalidPath: the context has a file there.</exception>
    internal static MergedDirectory Open(StorePaths paths, string stack, string origin)
    {
        var names = BytePath.Split(BytePath.FromText(origin));
        var trees = LayerStack.Parse(stack).Select(paths.LayerTree);
        if (names.Length == 0)
        {
            return MergedDirectory.Open(trees, "");
        }
        using var parent = MergedDirectory.Open(trees, string.Join('/', names[..^1]));
        if (parent.Lookup(names[^1]) is { } stat && stat.Kind != EntryKind.Directory)
        {
            throw AgbErrors.Invalid(
                AgbErrorIds.InvalidPath, $"The context has a file at '{origin}'; only a directory can be mounted.",
                $"Mount '{origin[..Math.Max(1, origin.LastIndexOf('/'))]}'.", origin);
        }
        return parent.OpenChild(names[^1]);
    }
}
