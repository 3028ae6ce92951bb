namespace Agb.Linux;

/// <summary>Walks a directory tree in byte order. Links are never followed.</summary>
/// <param name="cancellationToken">Cancels the walk.</param>
internal sealed class TreeWalker(CancellationToken cancellationToken = default)
{
    /// <summary>Called for each entry except directories, with its open directory, its name, and its path from the root.</summary>
    internal Action<Fd, string, string>? Visit { get; init; }

    /// <summary>Called for each directory below the root, before its content.</summary>
    internal Action<Fd>? Enter { get; init; }

    /// <summary>Called for each directory with its path, after its content; for the root last.</summary>
    internal Action<Fd, string>? Leave { get; init; }

    /// <summary>Walks a tree.</summary>
    /// <param name="root">The root; the caller closes it.</param>
    internal void Walk(Fd root) => Walk(root, "");

    private void Walk(Fd directory, string path)
    {
        cancellationToken.ThrowIfCancellationRequested();
        foreach (var entry in DirectoryReader.Entries(directory))
        {
            var child = BytePath.Join(path, entry.Name);
            if ((entry.Kind ?? directory.StatAt(entry.Name).Kind) != EntryKind.Directory)
            {
                Visit?.Invoke(directory, entry.Name, child);
                continue;
            }

            using var below = directory.OpenDirectoryAt(entry.Name);
            Enter?.Invoke(below);
            Walk(below, child);
        }

        Leave?.Invoke(directory, path);
    }
}
