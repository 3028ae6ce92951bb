namespace Agb.Store;

/// <summary>Writes a layer of a session's own that lies on top of what is stored: marks that hide, and what was unpacked.
/// Directories are made when something comes into them, with the attributes that they have in the store.</summary>
internal sealed class GivenWriter : IDisposable
{
    private readonly MergedDirectory _stored;
    private readonly Fd _root;
    private readonly DirectoryCursor _target;
    private readonly List<(string Path, FileStat Stat)> _made = [];

    /// <summary>Creates the layer.</summary>
    /// <param name="directory">The host directory; it must not exist.</param>
    /// <param name="stored">What is stored at the mount's origin; it stays the caller's.</param>
    internal GivenWriter(string directory, MergedDirectory stored)
    {
        _stored = stored;
        using var parent = Fd.OpenDirectory(Path.GetDirectoryName(directory)!);
        var name = Raw.FromText(Path.GetFileName(directory));
        if (stored.Exists)
        {
            _root = EntryCopier.MakeDirectory(stored.Topmost, parent, name);
        }
        else
        {
            parent.MkdirAt(name);
            _root = parent.OpenDirectoryAt(name);
            _root.Chmod(SessionOwned.DirectoryPermissions);
            SessionOwned.Give(_root);
        }
        _target = new DirectoryCursor(_root, Open);
    }

    /// <summary>Writes into a directory that there is.</summary>
    /// <param name="root">The directory; owned by the writer.</param>
    /// <param name="stored">What is stored at its place; it stays the caller's.</param>
    internal GivenWriter(Fd root, MergedDirectory stored)
    {
        _stored = stored;
        _root = root;
        _target = new DirectoryCursor(_root, Open);
    }

    /// <summary>The layer's root.</summary>
    internal Fd Root => _root;

    /// <summary>A directory of the layer, made if need be; valid until the next call.</summary>
    internal Fd At(string path) => _target.At(path);

    /// <summary>Hides what is stored at a path.</summary>
    internal void Hide(string path) => _target.At(Raw.DirectoryOf(path)).WhiteoutAt(Raw.NameOf(path));

    /// <summary>Gives the directories their modes and times; last, because filling one changes its time.</summary>
    internal void Finish()
    {
        foreach (var (path, stat) in _made.AsEnumerable().Reverse())
        {
            EntryCopier.FinishDirectory(_target.At(path), stat);
            _target.Forget(path);
        }
        if (_stored.Exists)
        {
            EntryCopier.FinishDirectory(_root, _stored.Stat());
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _target.Dispose();
        _root.Dispose();
    }

    private Fd Open(Fd parent, string name, string path)
    {
        if (parent.TryStatAt(name) is { Kind: EntryKind.Directory })
        {
            return parent.OpenDirectoryAt(name);
        }
        using var stored = _stored.OpenPath(path);
        if (stored.Exists)
        {
            var copy = EntryCopier.MakeDirectory(stored.Topmost, parent, name);
            _made.Add((path, stored.Stat()));
            return copy;
        }
        parent.MkdirAt(name);
        var made = parent.OpenDirectoryAt(name);
        made.Chmod(SessionOwned.DirectoryPermissions);
        SessionOwned.Give(made);
        return made;
    }
}
