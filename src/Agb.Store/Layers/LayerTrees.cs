namespace Agb.Store;

/// <summary>The trees of a stack of layers. The caller keeps the layers from garbage collection.</summary>
/// <param name="paths">The store.</param>
/// <param name="stack">The layers, in the catalog's text form.</param>
internal class LayerTrees(StorePaths paths, string stack)
{
    /// <summary>The layers in the catalog's text form.</summary>
    internal string Stack => stack;

    /// <summary>Ids of the layers, topmost first.</summary>
    internal string[] Layers { get; } = LayerStack.Parse(stack);

    /// <summary>Opens a path of the context; empty if it is missing or no directory.</summary>
    /// <param name="rawPath">The path, raw.</param>
    /// <param name="only">Indexes of the layers to open, in order; null for all.</param>
    internal MergedDirectory Open(string rawPath = "", int[]? only = null) =>
        MergedDirectory.Open(Layers.Select(paths.LayerTree), rawPath, new LargeFiles(paths), only);

    /// <summary>Opens the root with a staged layer on top.</summary>
    internal MergedDirectory OpenWith(StagedLayer staged) =>
        MergedDirectory.Open([Path.Combine(paths.Staged(staged.Id), "tree"), .. Layers.Select(paths.LayerTree)], "", new LargeFiles(paths));

    /// <summary>Opens a mount's origin; a missing path is empty.</summary>
    /// <param name="origin">The absolute path, as text.</param>
    /// <exception cref="AgbException">InvalidPath: the context has a file there.</exception>
    internal MergedDirectory OpenOrigin(string origin)
    {
        var names = BytePath.Split(BytePath.FromText(origin));
        if (names.Length == 0)
        {
            return Open();
        }

        using var parent = Open(string.Join('/', names[..^1]));
        if (parent.Lookup(names[^1]) is { } stat && stat.Kind != EntryKind.Directory)
        {
            throw AgbErrors.Invalid(
                AgbErrorIds.InvalidPath, $"The context has a file at '{origin}'; only a directory can be mounted.",
                $"Mount '{origin[..Math.Max(1, origin.LastIndexOf('/'))]}'.", origin);
        }

        return parent.OpenChild(names[^1]);
    }
}
