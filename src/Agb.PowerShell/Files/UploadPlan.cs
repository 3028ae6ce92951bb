namespace Agb.PowerShell;

/// <summary>An entry to store in a context.</summary>
/// <param name="Source">Its local source, for messages.</param>
/// <param name="Path">The absolute path in the context.</param>
/// <param name="Entry">The entry.</param>
internal sealed record UploadItem(string Source, string Path, TreeEntry Entry);

/// <summary>The entries to store in a context by one call.</summary>
internal sealed class UploadPlan
{
    private readonly Dictionary<string, UploadItem> _items = new(StringComparer.Ordinal);

    /// <summary>Errors of entries with an unusable name; the rest can be stored.</summary>
    internal List<AgbException> Refused { get; } = [];

    /// <summary>The items, a directory before its content.</summary>
    internal IEnumerable<UploadItem> Items => _items.Values;

    /// <summary>Adds a file of this machine, or a directory with its content, under its own name.</summary>
    /// <param name="localPath">The full local path.</param>
    /// <param name="destination">The directory in the context.</param>
    /// <param name="name">The name there; the local one unless given. Only for files.</param>
    /// <param name="recurse">Whether directories are allowed.</param>
    /// <param name="skipped">Receives entries of a type that a context can't hold.</param>
    /// <param name="cancellationToken">Ends the walk.</param>
    internal void Add(
        string localPath, string destination, string? name, bool recurse, Action<string> skipped, CancellationToken cancellationToken)
    {
        var local = Path.TrimEndingDirectorySeparator(Path.GetFullPath(localPath));
        if (LocalTree.Read(local) is not { } entry)
        {
            skipped(local);
            return;
        }
        var isDirectory = entry.Type == AgbFileType.Directory;
        if (isDirectory && (!recurse || name is not null))
        {
            throw new AgbException(
                AgbErrorIds.WrongFileType, AgbErrorKind.InvalidInput,
                name is null ? $"'{local}' is a directory." : $"'{local}' is a directory, and -Name is for one file.",
                name is null ? "Add -Recurse to send it with its content." : "Leave -Name out.", local);
        }
        // The root of the file system has no name: its content goes to the destination itself.
        var target = Path.GetFileName(local) is { Length: > 0 } own ? ContextPath.Join(destination, name ?? own) : destination;
        if (target != destination)
        {
            Add(new UploadItem(local, target, entry));
        }
        if (isDirectory)
        {
            foreach (var (path, below) in LocalTree.ReadBelow(local, skipped, Refused.Add, cancellationToken))
            {
                var item = new UploadItem(Path.Combine(local, path), ContextPath.Join(target, path), below);
                try
                {
                    Add(item);
                }
                catch (AgbException e) when (e.ErrorId == AgbErrorIds.InvalidPath && !_items.ContainsKey(item.Path))
                {
                    Refused.Add(new AgbException(
                        e.ErrorId, e.Kind, $"'{item.Source}' can't be stored: {e.Message}", e.OwnRemedy, item.Source, e) { Advice = e.Advice });
                }
            }
        }
    }

    /// <summary>Adds all items of another plan.</summary>
    /// <exception cref="AgbException">InvalidPath: both plans store an entry at the same path.</exception>
    internal void Add(UploadPlan other)
    {
        foreach (var item in other.Items)
        {
            Add(item);
        }
        Refused.AddRange(other.Refused);
    }

    /// <summary>Adds one entry.</summary>
    /// <exception cref="AgbException">InvalidPath: a context can't hold its name, or the path is taken.</exception>
    internal void Add(UploadItem item)
    {
        var path = LinuxPath.NormalizeFile(item.Path);
        if (!_items.TryAdd(path, item) && _items[path].Source != item.Source)
        {
            throw AgbErrors.Invalid(
                AgbErrorIds.InvalidPath, $"'{_items[path].Source}' and '{item.Source}' would both be stored at '{path}'.",
                "Send their folder with -Recurse, or each to a separate destination.", item.Source);
        }
    }

    /// <summary>Leaves out entries that the context has already.</summary>
    /// <returns>The number of entries left out.</returns>
    internal async Task<int> RemoveStoredAsync(ContextView view, CancellationToken cancellationToken)
    {
        var stored = new Dictionary<string, AgbContextFile>(StringComparer.Ordinal);
        // A directory of the plan is listed once; a single file is looked up alone.
        var trees = _items.Values.Where(i => i.Entry.Type == AgbFileType.Directory).Select(i => i.Path).Order(TreeEntry.WalkOrder).ToList();
        var root = (string?)null;
        trees.RemoveAll(p => root is not null && LinuxPath.IsAtOrBelow(p, root) || (root = p) is null);
        foreach (var tree in trees)
        {
            await foreach (var file in view.ListAsync(tree, recurse: true, cancellationToken).ConfigureAwait(false))
            {
                stored[file.Path] = file;
            }
        }
        foreach (var item in _items.Values.Where(i => !trees.Any(t => i.Path != t && LinuxPath.IsAtOrBelow(i.Path, t))))
        {
            if (await view.FindAsync(item.Path, cancellationToken).ConfigureAwait(false) is { } file)
            {
                stored[item.Path] = file;
            }
        }
        var same = _items.Values.Where(i => stored.TryGetValue(i.Path, out var file) && IsStored(i.Entry, file)).ToArray();
        foreach (var item in same)
        {
            _items.Remove(item.Path);
        }
        return same.Length;
    }

    private static bool IsStored(TreeEntry entry, AgbContextFile file) => entry.Type == file.Type && entry.Type switch
    {
        AgbFileType.Directory => true,
        AgbFileType.SymbolicLink => entry.LinkTarget == file.LinkTarget,
        _ => entry.Size == file.Size && TreeEntry.IsSameTime(entry.ModifiedAt, file.ModifiedAt)
            && (file.Mode is null || file.Mode == entry.Mode),
    };
}
