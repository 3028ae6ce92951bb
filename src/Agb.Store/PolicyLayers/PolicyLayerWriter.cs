namespace Agb.Store;

/// <summary>Writes a policy layer on top of the stored ones: whiteouts and unpacked files. Directories are created at their
/// first entry, with the attributes from the store.</summary>
internal sealed class PolicyLayerWriter : IDisposable
{
    private readonly MergedDirectory _stored;
    private readonly Fd _root;
    private readonly DirectoryCursor _target;
    private readonly List<(string Path, FileStat Stat)> _made = [];

    /// <summary>Creates the layer.</summary>
    /// <param name="directory">The host directory; it must not exist.</param>
    /// <param name="stored">The stored view at the mount's origin; owned by the caller.</param>
    internal PolicyLayerWriter(string directory, MergedDirectory stored)
    {
        _stored = stored;
        using var parent = Fd.OpenDirectory(Path.GetDirectoryName(directory)!);
        var name = BytePath.FromText(Path.GetFileName(directory));
        _root = stored.Exists ? EntryCopier.MakeDirectory(stored.Topmost, parent, name) : SessionOwner.MakeDirectory(parent, name);
        _target = new DirectoryCursor(_root, Open);
    }

    /// <summary>Writes into an existing directory.</summary>
    /// <param name="root">The directory; owned by the writer.</param>
    /// <param name="stored">The stored view of the same path; owned by the caller.</param>
    internal PolicyLayerWriter(Fd root, MergedDirectory stored)
    {
        _stored = stored;
        _root = root;
        _target = new DirectoryCursor(_root, Open);
    }

    /// <summary>The layer's root.</summary>
    internal Fd Root => _root;

    /// <summary>A directory of the layer, created on demand; valid until the next call.</summary>
    internal Fd At(string path) => _target.At(path);

    /// <summary>Hides a stored path.</summary>
    internal void Hide(string path) => _target.At(BytePath.DirectoryOf(path)).WhiteoutAt(BytePath.NameOf(path));

    /// <summary>Sets the modes and times of directories; last, because new entries change the time.</summary>
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
        return SessionOwner.MakeDirectory(parent, name);
    }
}
