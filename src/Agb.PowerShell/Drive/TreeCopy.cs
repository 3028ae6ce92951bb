using System.Runtime.CompilerServices;

namespace Agb.PowerShell;

/// <summary>A copy of a file or directory of a context.</summary>
/// <param name="from">The context.</param>
/// <param name="root">The file or directory.</param>
/// <param name="place">The path of the copy.</param>
internal sealed class TreeCopy(ContextView from, AgbContextFile root, string place)
{
    /// <summary>Whether the content of a directory is copied too.</summary>
    internal bool Recurse { get; init; }

    /// <summary>The names of the files to copy; null for all.</summary>
    internal WildcardPattern? Filter { get; init; }

    /// <summary>Whether the original is removed after it.</summary>
    internal bool RemovesSource { get; init; }

    /// <summary>The changes that make the copy.</summary>
    internal async IAsyncEnumerable<AgbContextFileChange> ChangesAsync([EnumeratorCancellation] CancellationToken token)
    {
        yield return Copy(root, place);
        if (root.Type == AgbFileType.Directory && Recurse)
        {
            await foreach (var file in from.ListAsync(root.Path, recurse: true, token).ConfigureAwait(false))
            {
                if (file.Type == AgbFileType.Directory || Filter?.IsMatch(file.Name) != false)
                {
                    yield return Copy(file, ContextPath.Join(place, ContextPath.Below(file.Path, root.Path)));
                }
            }
        }
        if (RemovesSource)
        {
            yield return new AgbContextFileChange.Remove(root.Path, Recurse: true);
        }
    }

    private AgbContextFileChange Copy(AgbContextFile file, string path) => file.Type switch
    {
        AgbFileType.Directory => new AgbContextFileChange.MakeDirectory(path) { Mode = file.Mode },
        AgbFileType.SymbolicLink => new AgbContextFileChange.Link(path, file.LinkTarget ?? ""),
        _ => new AgbContextFileChange.Put(path, TreeEntry.Of(file, from).Open) { Mode = file.Mode, ModifiedAt = file.ModifiedAt },
    };
}
