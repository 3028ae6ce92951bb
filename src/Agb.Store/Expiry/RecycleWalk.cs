namespace Agb.Store;

/// <summary>What of an origin's data has been stored for longer than its lifecycle. A file goes when that is over since it was
/// last stored; a directory, when all in it goes and it is as old itself. The origin itself stays.</summary>
/// <param name="paths">The recycle paths, raw and relative to the origin; an empty one is all of it.</param>
/// <param name="isOthers">Whether a path, relative to the origin, is another origin, which has a policy of its own.</param>
/// <param name="storedAt">When an entry was stored: the place of its layer in the stack, and its path.</param>
/// <param name="keepFor">The lifecycle.</param>
/// <param name="now">The time.</param>
/// <param name="cancellationToken">Cancels the walk.</param>
internal sealed class RecycleWalk(
    IReadOnlyList<string> paths, Func<string, bool> isOthers, Func<int, string, DateTimeOffset> storedAt, TimeSpan keepFor, DateTimeOffset now,
    CancellationToken cancellationToken)
{
    /// <summary>The paths to delete; nothing lies below another.</summary>
    internal List<string> Expired { get; } = [];

    /// <summary>Files that go with them.</summary>
    internal long Files { get; private set; }

    /// <summary>Bytes of these.</summary>
    internal long Bytes { get; private set; }

    /// <summary>When the next entry is over, or null when there is none.</summary>
    internal DateTimeOffset? Next { get; private set; }

    internal void Visit(MergedDirectory origin) => Visit(origin, "");

    /// <returns>Whether all in the directory goes.</returns>
    private bool Visit(MergedDirectory directory, string path)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var all = true;
        foreach (var (name, stat) in directory.Entries())
        {
            var child = Raw.Join(path, name);
            var isGoverned = paths.Any(p => Raw.IsAtOrBelow(child, p));
            var mark = Expired.Count;
            var goes = !isOthers(child) && (isGoverned || paths.Any(p => Raw.IsAtOrBelow(p, child)));
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
