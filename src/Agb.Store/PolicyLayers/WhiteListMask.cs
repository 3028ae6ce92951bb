namespace Agb.Store;

/// <summary>Hides paths outside the white lists. Only directories on the way to a listed or excluded path are read, so the cost
/// depends on the number of names in these, not on the size of the mount.</summary>
internal sealed class WhiteListMask(PathFilter filter, CancellationToken cancellationToken)
{
    /// <summary>Paths to hide, grouped by directory; none of them below another.</summary>
    internal IEnumerable<string> Hidden(MergedDirectory stored) =>
        filter.IsAll || !stored.Exists || filter.CoversAllBelow("") ? [] : Hidden(stored, "");

    private IEnumerable<string> Hidden(MergedDirectory directory, string path)
    {
        foreach (var (name, stat) in directory.Entries())
        {
            cancellationToken.ThrowIfCancellationRequested();
            var child = BytePath.Join(path, name);
            var isDirectory = stat.Kind == EntryKind.Directory;
            if (filter.Covers(child) ? !isDirectory || filter.CoversAllBelow(child) : !isDirectory || !filter.LeadsTo(child))
            {
                if (!filter.Covers(child))
                {
                    yield return child;
                }
                continue;
            }
            using var below = directory.OpenChild(name);
            foreach (var hidden in Hidden(below, child))
            {
                yield return hidden;
            }
        }
    }
}
