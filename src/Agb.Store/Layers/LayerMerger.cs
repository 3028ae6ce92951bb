namespace Agb.Store;

/// <summary>Merges neighbouring layers into an equivalent one.</summary>
/// <param name="below">The view of the lower layers; null for none: whiteouts are dropped then. Owned by the caller.</param>
/// <param name="taken">Receives the source of each entry of the result: its raw host path.</param>
/// <param name="cancellationToken">Cancels the merge.</param>
internal sealed class LayerMerger(MergedDirectory? below, Action<string> taken, CancellationToken cancellationToken)
{
    private int _count;

    /// <summary>Merges layers.</summary>
    /// <param name="trees">The layers' trees, topmost first.</param>
    /// <param name="target">An empty directory.</param>
    /// <returns>Number of entries in the result.</returns>
    internal int Merge(IEnumerable<string> trees, Fd target)
    {
        var sources = new List<Fd>();
        try
        {
            sources.AddRange(trees.Select(Fd.OpenDirectory));
            MergeInto(sources, target, "");
            EntryCopier.FinishDirectory(target, sources[0].Stat());
            return _count;
        }
        finally
        {
            sources.ForEach(s => s.Dispose());
        }
    }

    private void MergeInto(IReadOnlyList<Fd> sources, Fd target, string path)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var done = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < sources.Count; i++)
        {
            foreach (var name in DirectoryReader.Names(sources[i]))
            {
                if (done.Add(name))
                {
                    MergeEntry([.. sources.Skip(i)], name, target, BytePath.Join(path, name));
                }
            }
        }
    }

    private void MergeEntry(IReadOnlyList<Fd> sources, string name, Fd target, string path)
    {
        var stat = sources[0].StatAt(name);
        if (stat.Kind == EntryKind.Whiteout)
        {
            if (below is not null)
            {
                target.WhiteoutAt(name);
                _count++;
            }
            return;
        }
        _count++;
        taken(BytePath.Join(sources[0].Path, name));
        if (stat.Kind != EntryKind.Directory)
        {
            if (!sources[0].TryLinkAt(name, target, name))
            {
                // Too many links to one file (EMLINK): a copy serves as well.
                EntryCopier.Copy(sources[0], name, stat.Kind, target, name);
            }
            return;
        }
        var parts = new List<Fd>();
        try
        {
            var opaque = CollectDirectories(sources, name, parts);
            using var made = EntryCopier.MakeDirectory(parts[0], target, name);
            MergeInto(parts, made, path);
            if (opaque && below is not null)
            {
                using var hidden = below.OpenPath(path);
                _count += Hiding.Hide(made, hidden);
            }
            EntryCopier.FinishDirectory(made, stat);
        }
        finally
        {
            parts.ForEach(p => p.Dispose());
        }
    }

    /// <summary>Opens the directories of one name to merge with each other.</summary>
    /// <returns>Whether they hide lower content.</returns>
    private static bool CollectDirectories(IReadOnlyList<Fd> sources, string name, List<Fd> parts)
    {
        foreach (var source in sources)
        {
            if (source.TryStatAt(name) is not { } stat)
            {
                continue;
            }
            if (stat.Kind != EntryKind.Directory)
            {
                return true;
            }
            var directory = source.OpenDirectoryAt(name);
            parts.Add(directory);
            if (Xattrs.IsOpaque(directory))
            {
                return true;
            }
        }
        return false;
    }
}
