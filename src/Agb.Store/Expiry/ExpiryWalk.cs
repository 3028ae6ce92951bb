namespace Agb.Store;

/// <summary>Finds expired data of an origin. A file expires one lifecycle after its last storage; a directory, once its content
/// expired and it is as old itself. The origin itself stays.</summary>
/// <param name="paths">The recycle paths, raw and relative to the origin; an empty one covers the whole origin.</param>
/// <param name="isOthers">Whether a path, relative to the origin, is another origin with a separate policy.</param>
/// <param name="storedAt">Storage time of an entry, by its layer's index in the stack and its path.</param>
/// <param name="keepFor">The lifecycle.</param>
/// <param name="now">The current time.</param>
/// <param name="cancellationToken">Cancels the walk.</param>
internal sealed class ExpiryWalk(
    IReadOnlyList<string> paths, Func<string, bool> isOthers, Func<int, string, DateTimeOffset> storedAt, TimeSpan keepFor, DateTimeOffset now,
    CancellationToken cancellationToken)
{
    /// <summary>Paths to delete, none of them below another.</summary>
    internal List<string> Expired { get; } = [];

    /// <summary>Number of expired files.</summary>
    internal long Files { get; private set; }

    /// <summary>Bytes of the expired files.</summary>
    internal long Bytes { get; private set; }

    /// <summary>Next expiry of an entry; null for none.</summary>
    internal DateTimeOffset? Next { get; private set; }

    internal void Visit(MergedDirectory origin) => Visit(origin, "");

    /// <returns>Whether all content of the directory expired.</returns>
    private bool Visit(MergedDirectory directory, string path)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var all = true;
        foreach (var (name, stat) in directory.Entries())
        {
            var child = BytePath.Join(path, name);
            var isGoverned = paths.Any(p => BytePath.IsAtOrBelow(child, p));
            var mark = Expired.Count;
            var goes = !isOthers(child) && (isGoverned || paths.Any(p => BytePath.IsAtOrBelow(p, child)));
            if (goes && stat.Kind == EntryKind.Directory)
            {
                using var below = directory.OpenChild(name);
                goes = Visit(below, child) && isGoverned && IsOver(directory.OrdinalOf(name), child);
            }
            else if (goes)
            {
                goes = isGoverned && IsOver(directory.OrdinalOf(name), child);
                Files += goes ? 1 : 0;
                Bytes = ByteSum.Add(Bytes, goes && stat.Kind == EntryKind.File ? stat.Size : 0);
            }
            if (goes)
            {
                Expired.RemoveRange(mark, Expired.Count - mark);
                Expired.Add(child);
            }
            all &= goes;
        }
        return all;
    }

    private bool IsOver(int ordinal, string path)
    {
        var end = storedAt(ordinal, path) + keepFor;
        if (end <= now)
        {
            return true;
        }
        Next = Next is { } next && next <= end ? next : end;
        return false;
    }
}
