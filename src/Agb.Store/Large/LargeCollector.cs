namespace Agb.Store;

/// <summary>Removes contents of large files without use: shown by no version and no mount, and no base of a used one.</summary>
internal sealed class LargeCollector(StorePaths paths, CatalogDb catalog)
{
    private readonly LargeFiles _files = new(paths);

    /// <summary>Removes contents without use. Does nothing while another process changes large files, or reads layers without a
    /// mount: a version may have gone under its reader.</summary>
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
        List<string> unused;
        using var large = _files.OpenDirectory();
        using (var collecting = FileLock.TryAcquire(paths.CollectionLock))
        {
            if (collecting is null)
            {
                return;
            }
            unused = Unused(large);
        }
        // Later readers start from a later catalog, without these contents.
        foreach (var name in unused)
        {
            large.UnlinkAt(name);
        }
    }

    /// <summary>The files of contents without use.</summary>
    internal List<string> Unused(Fd large)
    {
        // In this order: a content is made after its layer's marker, the layer is placed and recorded before the marker goes.
        var names = DirectoryReader.Names(large);
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

    /// <summary>The contents shown by stacks: each path's topmost one.</summary>
    internal static HashSet<string> Shown(StorePaths paths, IEnumerable<string> stacks)
    {
        var shown = new HashSet<string>(StringComparer.Ordinal);
        foreach (var stack in stacks.Distinct(StringComparer.Ordinal))
        {
            var seen = new HashSet<string>(StringComparer.Ordinal);
            shown.UnionWith(LayerStack.Parse(stack).SelectMany(id => LargeIndex.OfLayer(paths, id).Ids).Where(e => seen.Add(e.Key)).Select(e => e.Value));
        }
        return shown;
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
        foreach (var directory in Directory.EnumerateDirectories(paths.Staging))
        {
            named.UnionWith(LargeIndex.Load(directory).Ids.Values);
        }
        string[] onDisk = [.. Directory.EnumerateDirectories(paths.Layers).Select(d => Path.GetFileName(d)!)];
        var (known, stacks) = catalog.Read(tx => (VersionTable.AllLayers(tx), VersionTable.Stacks(tx)));
        // Layers of a newer catalog keep all: this one may be a restored older copy.
        named.UnionWith(onDisk.Where(id => !known.Contains(id)).SelectMany(id => LargeIndex.OfLayer(paths, id).Ids.Values));
        named.UnionWith(Shown(paths, stacks));
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
