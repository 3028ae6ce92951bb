namespace Agb.Store;

/// <summary>Hides what a white list does not cover. Only directories on the way to a listed or excluded path are read, so the
/// cost follows the number of names in these and not the size of the mount.</summary>
internal sealed class WhiteListMask(PathFilter filter, CancellationToken cancellationToken)
{
    /// <summary>The paths to hide, those of one directory together; nothing lies below another.</summary>
    internal IEnumerable<string> Hidden(MergedDirectory stored) =>
        filter.IsAll || !stored.Exists || filter.CoversAllBelow("") ? [] : Hidden(stored, "");

    private IEnumerable<string> Hidden(MergedDirectory directory, string path)
    {
        foreach (var (name, stat) in directory.Entries())
        {
            cancellationToken.ThrowIfCancellationRequested();
            var child = Raw.Join(path, name);
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
