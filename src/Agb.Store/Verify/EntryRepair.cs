namespace Agb.Store;

/// <summary>Restores modes and times of a layer's entries from its sums: a mode always; a time only for proven original
/// content. Everything else would be a guess.</summary>
internal sealed class EntryRepair(Fd tree, LayerComparison comparison, CancellationToken cancellationToken)
{
    /// <summary>Repairs all repairable problems, and marks them.</summary>
    internal void Run(List<EntryProblem> problems)
    {
        for (var i = 0; i < problems.Count; i++)
        {
            if (problems[i].Problem.Kind != AgbStoreProblemKind.EntryChanged)
            {
                continue;
            }
            problems[i] = problems[i] with { Problem = problems[i].Problem with { IsRepaired = Repair(problems[i].Entry) } };
        }
    }

    private bool Repair(LayerEntry entry)
    {
        if (entry.Kind == EntryKind.Directory)
        {
            return RepairDirectory(entry);
        }
        using var cursor = new DirectoryCursor(tree);
        var (parent, name) = (cursor.At(BytePath.DirectoryOf(entry.Path)), BytePath.NameOf(entry.Path));
        var stat = parent.StatAt(name);
        if (entry.Kind != EntryKind.File || stat.Kind != EntryKind.File || stat.Size != entry.Size)
        {
            return false;
        }
        var isSame = entry.Content is { } content && new LayerWalk(cancellationToken).Hash(parent, name) == content;
        if (stat.MtimeNs != entry.MtimeNs && !isSame)
        {
            return false;
        }
        parent.ChmodAt(name, entry.Mode);
        parent.SetMtimeAt(name, entry.MtimeNs);
        return true;
    }

    private bool RepairDirectory(LayerEntry entry)
    {
        using (var cursor = new DirectoryCursor(tree))
        {
            var directory = cursor.At(entry.Path);
            if (!HasNoOtherChange(entry, LayerWalk.OfDirectory(entry.Path, directory.Stat(), directory)) || !comparison.HasSameEntries)
            {
                return false;
            }
        }
        if (entry.Path.Length == 0)
        {
            tree.Chmod(entry.Mode);
            tree.SetMtime(entry.MtimeNs);
            return true;
        }
        // Through the parent: a cursor into the entry itself may widen its permissions, and would restore the old ones at the
        // end.
        using var parents = new DirectoryCursor(tree);
        var (parent, name) = (parents.At(BytePath.DirectoryOf(entry.Path)), BytePath.NameOf(entry.Path));
        parent.ChmodAt(name, entry.Mode);
        parent.SetMtimeAt(name, entry.MtimeNs);
        return true;
    }

    private static bool HasNoOtherChange(LayerEntry expected, LayerEntry now) =>
        now with { Mode = expected.Mode, MtimeNs = expected.MtimeNs } == expected;
}
