namespace Agb.Store;

/// <summary>Writes single changes into a staged layer, each based on the context with the earlier ones. The caller holds the
/// context's lock, so the newest version stays the same.</summary>
internal sealed class LayerEditor : IDisposable
{
    private const uint FilePermissions = 0x1A4;

    private readonly string _contextId;
    private readonly DateTimeOffset _now;
    private readonly EditPlace _root;
    private readonly PathCursor<EditPlace> _cursor;
    private readonly SortedDictionary<string, (uint Permissions, long MtimeNs)> _directories = new(StringComparer.Ordinal);
    private int _written;
    private bool _creates;

    /// <summary>Creates an editor.</summary>
    /// <param name="contextId">The context, for messages.</param>
    /// <param name="tree">The staged layer's tree; owned by the caller.</param>
    /// <param name="head">The newest version; owned by the caller.</param>
    /// <param name="now">Modification time of new entries.</param>
    internal LayerEditor(string contextId, Fd tree, MergedDirectory head, DateTimeOffset now)
    {
        _contextId = contextId;
        _now = now;
        _root = new EditPlace(null, "", tree, head);
        _cursor = new PathCursor<EditPlace>(_root, OpenChild);
    }

    /// <summary>Number of the layer's entries.</summary>
    internal int Entries => _written + _directories.Count;

    /// <summary>Moves a file to its place.</summary>
    /// <param name="path">The path, normal and absolute.</param>
    /// <param name="content">The file's directory.</param>
    /// <param name="contentName">The file's name there.</param>
    /// <param name="permissions">Permissions; null for those of the replaced file, or the default ones.</param>
    /// <param name="modifiedAt">Modification time; null for now.</param>
    internal void Put(string path, Fd content, string contentName, uint? permissions, DateTimeOffset? modifiedAt)
    {
        var (place, name) = Parent(path, creates: true);
        var before = RequireNoDirectory(place, name, path);
        var to = MakeRoom(place, name);
        SessionOwner.ChownToSession(content, contentName);
        // A change of the owner clears set-id bits (chown(2)), so the mode comes after it.
        content.ChmodAt(contentName, permissions ?? (before is { Kind: EntryKind.File } ? before.Value.Permissions : FilePermissions));
        content.SetMtimeAt(contentName, Nanoseconds(modifiedAt ?? _now));
        content.RenameAt(contentName, to, name);
    }

    /// <summary>Creates a symbolic link.</summary>
    internal void Link(string path, string target)
    {
        var (place, name) = Parent(path, creates: true);
        RequireNoDirectory(place, name, path);
        var to = MakeRoom(place, name);
        to.SymlinkAt(BytePath.FromText(target), name);
        SessionOwner.ChownToSession(to, name);
        to.SetMtimeAt(name, Nanoseconds(_now));
    }

    /// <summary>Creates a directory, unless it exists.</summary>
    internal void MakeDirectory(string path, uint? permissions)
    {
        var (place, name) = Parent(path, creates: true);
        if (place.Look(name) is { } there)
        {
            if (there.Kind != EntryKind.Directory)
            {
                throw NoDirectory(Relative(path), path);
            }
            return;
        }
        var raw = Relative(path);
        _cursor.At(raw);
        _directories[raw] = (permissions ?? SessionOwner.DirectoryPermissions, Nanoseconds(_now));
    }

    /// <summary>Removes the entry at a path.</summary>
    internal void Remove(string path, bool recurse)
    {
        var (place, name) = Parent(path, creates: false);
        if (place.Look(name) is not { } there)
        {
            throw AgbErrors.FileNotFound(_contextId, path);
        }
        if (there.Kind == EntryKind.Directory)
        {
            if (!recurse && !IsEmpty(place, name))
            {
                throw new AgbException(
                    AgbErrorIds.WrongFileType, AgbErrorKind.InvalidState,
                    $"The directory '{path}' of the context '{_contextId}' is not empty.", target: path)
                {
                    Advice = AgbAdvice.RemoveRecursively,
                };
            }
            ForgetDirectories(Relative(path));
        }
        if (place.Staged is { } staged)
        {
            TreeRemover.RemoveAt(staged, name);
        }
        if (place.Head.Lookup(name) is not null)
        {
            Stage(place).WhiteoutAt(name);
            _written++;
        }
    }

    /// <summary>Sets the modes and times of directories; last, because new entries change the time and may need more
    /// permissions.</summary>
    internal void Finish()
    {
        using var cursor = new DirectoryCursor(_root.Staged!);
        // Backwards: a directory comes after its content.
        foreach (var (path, (permissions, mtime)) in _directories.Reverse())
        {
            var directory = cursor.At(path);
            directory.Chmod(permissions);
            directory.SetMtime(mtime);
            cursor.Forget(path);
        }
        if (_root.Head.Exists)
        {
            Xattrs.Copy(_root.Head.Topmost, _root.Staged!);
            EntryCopier.FinishDirectory(_root.Staged!, _root.Head.Stat());
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _cursor.Dispose();

    private static string Relative(string path) => BytePath.FromText(path[1..]);

    private static long Nanoseconds(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;

    private (EditPlace Place, string Name) Parent(string path, bool creates)
    {
        var raw = Relative(path);
        _creates = creates;
        try
        {
            return (_cursor.At(BytePath.DirectoryOf(raw)), BytePath.NameOf(raw));
        }
        catch (NotADirectoryException) when (!creates)
        {
            throw AgbErrors.FileNotFound(_contextId, path);
        }
        catch (NotADirectoryException e)
        {
            throw NoDirectory(e.Path, path);
        }
    }

    private AgbException NoDirectory(string rawPath, string path) => new(
        AgbErrorIds.WrongFileType, AgbErrorKind.InvalidInput,
        $"The context '{_contextId}' has a file or link at '/{BytePath.ToDisplay(rawPath)}'; expected a directory there, to store '{path}'.",
        "Remove it first, or choose another path.", path);

    private EditPlace OpenChild(EditPlace parent, string name, string path)
    {
        var mine = parent.Staged?.TryStatAt(name);
        if (mine is { Kind: EntryKind.Directory })
        {
            var staged = parent.Staged!.OpenDirectoryAt(name);
            return new EditPlace(parent, path, staged, parent.Head.OpenChild(name));
        }
        if (mine is null && parent.Head.Lookup(name) is { Kind: EntryKind.Directory })
        {
            return new EditPlace(parent, path, null, parent.Head.OpenChild(name));
        }
        if (!_creates || parent.Look(name) is not null)
        {
            throw new NotADirectoryException(path);
        }
        var directory = Stage(parent);
        if (mine is not null)
        {
            directory.UnlinkAt(name);
        }
        directory.MkdirAt(name);
        var made = directory.OpenDirectoryAt(name);
        SessionOwner.ChownToSession(made);
        var head = parent.Head.OpenChild(name);
        if (mine is not null)
        {
            // Replaced a whiteout: the deleted content stays hidden.
            _written += Hiding.Hide(made, head);
        }
        _directories[path] = (SessionOwner.DirectoryPermissions, Nanoseconds(_now));
        return new EditPlace(parent, path, made, head);
    }

    /// <summary>The staged directory of a path, created on demand with the attributes from the context.</summary>
    private Fd Stage(EditPlace place)
    {
        if (place.Staged is { } staged)
        {
            return staged;
        }
        var parent = Stage(place.Parent!);
        var name = BytePath.NameOf(place.Path);
        place.Staged = EntryCopier.MakeDirectory(place.Head.Topmost, parent, name);
        var stat = place.Head.Stat();
        _directories[place.Path] = (stat.Permissions, stat.MtimeNs);
        return place.Staged;
    }

    private FileStat? RequireNoDirectory(EditPlace place, string name, string path)
    {
        var there = place.Look(name);
        return there is not { Kind: EntryKind.Directory }
            ? there
            : throw new AgbException(
                AgbErrorIds.WrongFileType, AgbErrorKind.InvalidInput, $"The context '{_contextId}' has a directory at '{path}'.",
                "Remove it first, or choose another path.", path);
    }

    private Fd MakeRoom(EditPlace place, string name)
    {
        var directory = Stage(place);
        if (directory.TryStatAt(name) is not null)
        {
            directory.UnlinkAt(name);
        }
        _written++;
        return directory;
    }

    private bool IsEmpty(EditPlace parent, string name)
    {
        using var child = OpenChild(parent, name, BytePath.Join(parent.Path, name));
        return (child.Staged is not { } staged || DirectoryReader.Names(staged).TrueForAll(n => child.Look(n) is null))
            && new MergedListing().Of(child.Head).All(e => child.Look(e.Name) is null);
    }

    private void ForgetDirectories(string path)
    {
        _cursor.Forget(path);
        foreach (var gone in _directories.Keys.Where(d => d == path || d.StartsWith(path + "/", StringComparison.Ordinal)).ToArray())
        {
            _directories.Remove(gone);
        }
    }

    /// <summary>A part of a path is missing, or not a directory.</summary>
    private sealed class NotADirectoryException(string path) : Exception
    {
        internal string Path => path;
    }
}

/// <summary>A directory of an edited context.</summary>
internal sealed class EditPlace(EditPlace? parent, string path, Fd? staged, MergedDirectory head) : IDisposable
{
    internal EditPlace? Parent => parent;

    /// <summary>Raw, relative to the root.</summary>
    internal string Path => path;

    /// <summary>The directory in the staged layer; null before its first change.</summary>
    internal Fd? Staged { get; set; } = staged;

    /// <summary>Visible part of the newest version.</summary>
    internal MergedDirectory Head => head;

    /// <summary>The entry of a name after all changes so far.</summary>
    internal FileStat? Look(string name) =>
        Staged?.TryStatAt(name) is { } mine ? mine.Kind == EntryKind.Whiteout ? null : mine : Head.Lookup(name);

    /// <inheritdoc/>
    public void Dispose()
    {
        Staged?.Dispose();
        Head.Dispose();
    }
}
