namespace Agb.Engine;

/// <summary>Takes entries out of a plan that a power cut, or a failed write, may have torn. Times and sizes prove nothing: file systems
/// keep them apart from the content. Content proves itself when the newest version has the same; then only attributes are new.</summary>
internal static class WholeEntries
{
    /// <summary>Keeps the entries of a plan that are provably whole; the others are listed and left to the session.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="stored">The newest version, beside the session's tree.</param>
    /// <param name="doubt">Why the tree may be incomplete, as a clause.</param>
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
            // What came with a rename is as doubtful as the mark that says so, whatever the newest version has under that name.
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
        // A deletion may be one half of a move, whose other half was torn.
        var why = step.Operation switch
        {
            SyncOperation.Delete => $"its deletion is not provably whole, because {doubt}",
            SyncOperation.ReplaceDirectory => $"the replacement of the directory is not provably whole, because {doubt}",
            _ => $"not provably whole, because {doubt}",
        };
        plan.Skipped.Add($"{Raw.ToDisplay(step.Path)}: {why}");
        plan.Kept.Add(new KeptPath(step.Path, why));
        plan.LeaveToNext(step.Path);
    }
}
