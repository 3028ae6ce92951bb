namespace Agb.Store;

/// <summary>Removes contents of large files without a layer.</summary>
internal sealed class LargeCollector(StorePaths paths)
{
    private readonly LargeFiles _files = new(paths);

    /// <summary>Removes contents named by no layer, and by no delta of a named one. Does nothing while another process changes large
    /// files.</summary>
    internal void Run()
    {
        if (!_files.HasAny)
        {
            return;
        }
        using var alone = FileLock.TryAcquire(paths.LargeLock);
        if (alone is null)
        {
            return;
        }
        using var large = _files.OpenDirectory();
        // Listed before the layers: a content made later is not in the list, and the layer of a listed one is found.
        var unused = Unused(large, DirectoryReader.Names(large));
        foreach (var name in unused)
        {
            large.UnlinkAt(name);
        }
    }

    /// <summary>The files of contents without use.</summary>
    /// <param name="large">Their directory.</param>
    /// <param name="names">The names in it, read before.</param>
    internal List<string> Unused(Fd large, IReadOnlyCollection<string> names)
    {
        // In this order: the marker of a layer goes after the layer is in its place.
        string[] staged = [.. names.Select(IdOf).Distinct(StringComparer.Ordinal).Where(IsStaged)];
        var needed = Named();
        var open = new Stack<string>(needed.Union(staged, StringComparer.Ordinal));
        while (open.TryPop(out var id))
        {
            needed.Add(id);
            if (large.TryStatAt(id) is null && TryBaseOf(large, id) is { } other && needed.Add(other))
            {
                open.Push(other);
            }
        }
        return [.. names.Where(n => n.Contains(LargeMoves.NewMark, StringComparison.Ordinal) || !needed.Contains(IdOf(n)))];
    }

    /// <summary>The content of a file: <c>LAYER.NUMBER</c>, before any suffix.</summary>
    internal static string IdOf(string name)
    {
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        var end = dot < 0 ? -1 : name.IndexOf('.', dot + 1);
        return end < 0 ? name : name[..end];
    }

    private HashSet<string> Named()
    {
        var named = new HashSet<string>(StringComparer.Ordinal);
        // In this order: a layer moves from the first to the second.
        foreach (var directory in Directory.EnumerateDirectories(paths.Staging))
        {
            named.UnionWith(LargeIndex.Load(directory).Ids.Values);
        }
        foreach (var directory in Directory.EnumerateDirectories(paths.Layers))
        {
            named.UnionWith(LargeIndex.OfLayer(paths, Path.GetFileName(directory)).Ids.Values);
        }
        return named;
    }

    private bool IsStaged(string id)
    {
        var layer = id[..Math.Max(0, id.IndexOf('.', StringComparison.Ordinal))];
        return layer.Length > 0 && new FileInfo(paths.Marker(layer)).LinkTarget is not null;
    }

    private static string? TryBaseOf(Fd large, string id)
    {
        try
        {
            using var delta = LargeFiles.TryOpenDelta(large, id);
            return delta?.Base;
        }
        catch (AgbException)
        {
            // Unfinished, or damaged: a check reports it.
            return null;
        }
    }
}
