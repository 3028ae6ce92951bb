using Agb.Engine.Native;

namespace Agb.Engine.Store.Checking;

/// <summary>Puts back modes and times of a layer's entries, where its sums say what they were: a mode always; a time when the content
/// is proved to be the one that was stored. Nothing else can be put back without a guess.</summary>
internal sealed class EntryRepair(Fd tree, LayerComparison comparison, CancellationToken cancellationToken)
{
    /// <summary>Repairs what it can, and marks it.</summary>
    internal void Run(List<AgbStoreProblem> problems)
    {
        for (var i = 0; i < problems.Count; i++)
        {
            if (problems[i].Kind != AgbStoreProblemKind.EntryChanged)
            {
                continue;
            }
            var entry = comparison.Expected.Values.First(e => LayerComparison.Shown(e.Path) == problems[i].Path);
            problems[i] = problems[i] with { IsRepaired = Repair(entry) };
        }
    }

    private bool Repair(LayerEntry entry)
    {
        using var cursor = new DirectoryCursor(tree);
        if (entry.Kind == EntryKind.Directory)
        {
            using var directory = cursor.At(entry.Path).OpenDirectoryAt(".");
            if (!HasNoOtherChange(entry, LayerWalk.OfDirectory(entry.Path, directory.Stat(), directory)) || !comparison.HasSameEntries)
            {
                return false;
            }
            directory.Chmod(entry.Mode);
            directory.SetMtime(entry.MtimeNs);
            return true;
        }
        var (parent, name) = (cursor.At(Raw.DirectoryOf(entry.Path)), Raw.NameOf(entry.Path));
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

    private static bool HasNoOtherChange(LayerEntry expected, LayerEntry now) =>
        now with { Mode = expected.Mode, MtimeNs = expected.MtimeNs } == expected;
}
