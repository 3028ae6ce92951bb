using System.Runtime.CompilerServices;

namespace Agb.PowerShell;

/// <summary>A path with different entries in a tree and its reference.</summary>
/// <param name="Path">The path below the root of both.</param>
/// <param name="Difference">The kind of difference.</param>
/// <param name="Reason">The differing property of a changed entry, else null.</param>
/// <param name="Reference">The entry in the reference, or null.</param>
/// <param name="Other">The entry in the other tree, or null.</param>
internal sealed record TreeDifference(string Path, AgbDifference Difference, string? Reason, TreeEntry? Reference, TreeEntry? Other);

/// <summary>Compares two trees of files.</summary>
internal static class TreeComparison
{
    private const int BlockSize = 128 * 1024;

    /// <summary>Compares path by path, in the order of a walk.</summary>
    /// <param name="reference">The tree before the changes.</param>
    /// <param name="other">The tree after the changes.</param>
    /// <param name="byContent">Compare the bytes of files of the same size, and not their times.</param>
    /// <param name="cancellationToken">Ends the comparison.</param>
    internal static async IAsyncEnumerable<TreeDifference> CompareAsync(
        IReadOnlyDictionary<string, TreeEntry> reference, IReadOnlyDictionary<string, TreeEntry> other, bool byContent,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var path in reference.Keys.Union(other.Keys).Order(TreeEntry.WalkOrder))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (a, b) = (reference.GetValueOrDefault(path), other.GetValueOrDefault(path));
            var reason = a is null || b is null ? null : await ReasonAsync(a, b, byContent, cancellationToken).ConfigureAwait(false);
            var difference = (a, b, reason) switch
            {
                (null, _, _) => AgbDifference.Added,
                (_, null, _) => AgbDifference.Removed,
                (_, _, null) => AgbDifference.Equal,
                _ => AgbDifference.Changed,
            };
            yield return new TreeDifference(path, difference, reason, a, b);
        }
    }

    /// <summary>The first differing property of two entries; null when none differs.</summary>
    private static async Task<string?> ReasonAsync(TreeEntry a, TreeEntry b, bool byContent, CancellationToken cancellationToken)
    {
        if (a.Type != b.Type)
        {
            return "Type";
        }
        if (a.Type != AgbFileType.File)
        {
            return a.LinkTarget == b.LinkTarget ? null : "Target";
        }
        if (a.Size != b.Size)
        {
            return "Size";
        }
        if (a.ETag is null || a.ETag != b.ETag)
        {
            if (byContent)
            {
                if (!await HaveSameContentAsync(a, b, cancellationToken).ConfigureAwait(false))
                {
                    return "Content";
                }
            }
            else if (!TreeEntry.IsSameTime(a.ModifiedAt, b.ModifiedAt))
            {
                return "Time";
            }
        }
        return a.Mode is { } mode && b.Mode is { } otherMode && mode != otherMode ? "Mode" : null;
    }

    private static async Task<bool> HaveSameContentAsync(TreeEntry a, TreeEntry b, CancellationToken cancellationToken)
    {
        await using var one = await a.Open(cancellationToken).ConfigureAwait(false);
        await using var two = await b.Open(cancellationToken).ConfigureAwait(false);
        var (left, right) = (new byte[BlockSize], new byte[BlockSize]);
        while (true)
        {
            var read = await one.ReadAtLeastAsync(left, BlockSize, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            var readToo = await two.ReadAtLeastAsync(right, BlockSize, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            if (read != readToo || !left.AsSpan(0, read).SequenceEqual(right.AsSpan(0, readToo)))
            {
                return false;
            }
            if (read < BlockSize)
            {
                return true;
            }
        }
    }
}
