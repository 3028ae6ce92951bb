namespace Agb.Engine;

/// <summary>Removes entries from a plan that may be torn by a power cut or a failed write. Times and sizes prove nothing: file
/// systems store them apart from the content. Content equal to the newest version is proof; then only attributes are
/// new.</summary>
internal static class WholeEntries
{
    /// <summary>Keeps only the provably whole entries of a plan; the others are listed and left to the session.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="stored">The newest version, beside the session's tree.</param>
    /// <param name="doubt">The reason why the tree may be incomplete, as a clause.</param>
    /// <param name="cancellationToken">Cancels the comparison.</param>
    internal static void KeepOnly(SyncPlan plan, StoredTree stored, string doubt, CancellationToken cancellationToken)
    {
        var steps = plan.Steps.ToArray();
        plan.Steps.Clear();
        plan.DeletedFiles.Clear();
        (plan.FilesAdded, plan.FilesChanged, plan.Bytes) = (0, 0, 0);
        foreach (var step in steps)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var entry = new ScannedEntry(step.Path, step.Stat, false);
            // Renamed entries are as doubtful as the mark of the rename, also with equal content in the newest version.
            if (step.Operation is SyncOperation.Delete or SyncOperation.ReplaceDirectory || plan.StoredAt.ContainsKey(step.Path) || !stored.HasSameContent(entry))
            {
                LeaveOut(plan, step, doubt);
            }
            else if (!stored.IsIdentical(entry, stored.Lookup(step.Path)!.Value))
            {
                Keep(plan, step);
            }
        }
    }

    private static void Keep(SyncPlan plan, SyncStep step)
    {
        plan.Steps.Add(step with { Reason = SyncReason.Changed });
        if (step.Operation == SyncOperation.Put)
        {
            plan.FilesChanged++;
            plan.Bytes = ByteSum.Add(plan.Bytes, step.Stat.Kind == EntryKind.File ? step.Stat.Size : 0);
        }
    }

    private static void LeaveOut(SyncPlan plan, SyncStep step, string doubt)
    {
        // A deletion may be one half of a move with a torn other half.
        var why = step.Operation switch
        {
            SyncOperation.Delete => $"its deletion is not provably whole, because {doubt}",
            SyncOperation.ReplaceDirectory => $"the replacement of the directory is not provably whole, because {doubt}",
            _ => $"not provably whole, because {doubt}",
        };
        plan.Skipped.Add($"{BytePath.ToDisplay(step.Path)}: {why}");
        plan.Kept.Add(new KeptPath(step.Path, why));
        plan.LeaveToNext(step.Path);
    }
}
