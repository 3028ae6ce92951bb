namespace Agb.Engine;

/// <summary>The copy of one part of a session into a fork layer.</summary>
internal sealed class PartCopy : IDisposable
{
    private readonly StorePaths _paths;
    private readonly string _forkId;
    private readonly Fd _own;
    private readonly ulong? _device;
    private readonly Manifest? _previous;
    private Fd? _target;
    private FrozenTree? _tree;
    private IReadOnlyList<ScannedEntry> _entries = [];
    private bool _isMoved;

    // Links and empty directories of every session's root directory.
    private static readonly HashSet<string> s_ofEverySession =
    [
        "bin", "sbin", "lib", "lib32", "lib64", "libx32", "root", "mnt", "srv", "run", "run/lock", "var", "var/run", "var/lock", "var/cache", "var/log", "var/lib",
    ];

    // Fewer entries are copied faster than an overlay is mounted.
    private const int ManyEntries = 500;

    private PartCopy(StorePaths paths, string forkId, OriginPart part, Fd own, ulong? device)
    {
        (_paths, _forkId, Part, _own, _device) = (paths, forkId, part, own, device);
        if (part.Mount is { } mount)
        {
            var directory = paths.Mount(mount.SessionId, mount.Name);
            _previous = mount.Manifest is { } layer ? Manifest.Load(ManifestFiles.PathOf(directory, layer))
                : part.IsLayer ? null : Manifest.Load(CopyMount.FirstManifestPath(directory));
        }
    }

    internal OriginPart Part { get; }

    internal static PartCopy OfTree(StorePaths paths, string forkId, OriginPart part) => new(paths, forkId, part, Fd.OpenTree(part.Own), null);

    /// <summary>The parts in memory, seen through the sandbox.</summary>
    internal static IEnumerable<PartCopy> OfMemory(StorePaths paths, string forkId, SandboxHandle sandbox)
    {
        foreach (var (name, path) in new[] { (ForkSource.Memory, "/"), (ForkSource.SharedMemory, "/dev/shm") })
        {
            var root = SessionRootView.Open(sandbox, path);
            // Entries of other file systems belong to other parts or to the host.
            yield return new(paths, forkId, new OriginPart(name, path, OverlayMarks.None, "") { Inside = path, IsLayer = false }, root, root.Stat().Device);
        }
    }

    /// <summary>The tree to move instead of a copy; null for a small one, or one that only a copy can take along.</summary>
    /// <param name="sandbox">The sandbox.</param>
    /// <param name="used">Paths in use by its processes.</param>
    /// <param name="cancellationToken">Cancels.</param>
    internal MovablePart? AsMovable(SandboxHandle sandbox, IReadOnlyList<string> used, CancellationToken cancellationToken)
    {
        if (_device is not null || (Part.Mount is { } mount && (!Part.IsLayer || mount.IsReadOnly)) || Part.IsDeep || !TreeSwap.CanMove(sandbox, Part.Inside, used))
        {
            return null;
        }
        if (_entries.Count == 0)
        {
            _entries = TreeScanner.Scan(_own, Part.Marks, cancellationToken);
        }
        // Renamed directories, and hard links that the kernel keeps by an index, need the overlay that made them.
        return _entries.Count < ManyEntries || _entries.Any(e => Part.IsLeftOut(e) || e.Redirect is not null || (Part.Marks == OverlayMarks.Trusted && e.Stat is { Kind: EntryKind.File, Nlink: > 1 }))
            ? null
            : new MovablePart(Part.Name, Part.Own, Part.Inside, Part.Marks == OverlayMarks.None ? OverlayMarks.User : Part.Marks);
    }

    /// <summary>Notes that the tree has become the fork layer.</summary>
    internal void SetMoved() => _isMoved = true;

    /// <summary>Brings the copy up to the present state.</summary>
    /// <param name="young">The first change time not trusted.</param>
    /// <param name="suspects">Paths in the sandbox of files that may change without a new time.</param>
    /// <param name="cancellationToken">Cancels.</param>
    internal void Bring(long young, IReadOnlySet<string> suspects, CancellationToken cancellationToken)
    {
        using var source = Part.IsDeep && Part.Mount is { } deep ? ChangeTrees.Open(_paths, deep, _own)
            : Part.IsDeep ? new ChangeTrees(_own, [.. ForkLayers.Trees(_paths, Part.Layers, Part.Name).Select(Fd.OpenTree)], Part.Marks)
            : new ChangeTrees(_own);
        using var below = Part is { Mount: { } mount, IsLayer: true } ? MountView.Open(_paths, mount) : null;
        var scanned = _device is { } device
            ? SameDevice(device, cancellationToken)
            : source.Scan(Part.Marks, _previous ?? new Manifest(), () => below?.OpenChild(".") ?? MergedDirectory.Empty(), out _, cancellationToken);
        _entries = [.. scanned.Where(e => !Part.IsLeftOut(e))];
        if (_tree is null && !HasContent())
        {
            return;
        }
        if (_tree is null)
        {
            using var fork = Fd.OpenDirectory(_paths.Fork(_forkId));
            _target = SessionOwner.MakeDirectory(fork, Part.Name);
            _tree = new FrozenTree(_target, Part.Marks);
        }
        var mapped = suspects.Where(Part.Has).Select(Part.Relative).ToHashSet(StringComparer.Ordinal);
        _tree.Bring(source, _entries, below, e => e.Stat.CtimeNs >= young || mapped.Contains(e.Path), cancellationToken);
    }

    /// <summary>Completes the copy after the last round.</summary>
    /// <returns>The fork layers of the part in a fork; null for none.</returns>
    internal string? Finish()
    {
        _tree?.Finish(_entries);
        ForkSource.Note(_paths.Fork(_forkId), Part.Name, isMoved: _isMoved, hasLinks: _tree?.HasLinks == true);
        if (Part.Mount is { } mount && _previous is not null)
        {
            var manifest = _tree?.Translate(_previous) ?? _previous;
            manifest.Save(ForkSource.ManifestOf(_paths.Fork(_forkId), mount.Name));
        }
        var stack = _tree is null && !_isMoved ? Part.Layers : Part.IsDeep || Part.Layers.Length == 0 ? _forkId : $"{_forkId} {Part.Layers}";
        return Part.IsLayer || (Part.Mount is null && _device is null) ? stack.Length == 0 ? null : stack : null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _tree?.Dispose();
        _target?.Dispose();
        _own.Dispose();
    }

    // Every session has its home; a copy of a mount is whole, also an empty one.
    private bool HasContent() => Part.Mount is not null && !Part.IsLayer
        || _entries.Any(e => e.Path.Length > 0 && !(Part.Name == "home" && e.Stat.Kind == EntryKind.Directory && _entries.Count == 2));

    private static List<ScannedEntry> LeaveOutCommon(List<ScannedEntry> entries)
    {
        var wanted = new HashSet<string>(StringComparer.Ordinal) { "" };
        foreach (var entry in entries.Where(e => !s_ofEverySession.Contains(e.Path)))
        {
            for (var path = entry.Path; wanted.Add(path); path = BytePath.DirectoryOf(path))
            {
            }
        }
        return entries.FindAll(e => wanted.Contains(e.Path));
    }

    private List<ScannedEntry> SameDevice(ulong device, CancellationToken cancellationToken)
    {
        var entries = new List<ScannedEntry> { new("", _own.Stat(), false) };
        Walk(_own, "", 0);
        return LeaveOutCommon(entries);

        void Walk(Fd directory, string path, int depth)
        {
            cancellationToken.ThrowIfCancellationRequested();
            TreeScanner.RequireDepth(path, depth);
            foreach (var name in DirectoryReader.Names(directory))
            {
                if (directory.TryStatAt(name) is not { } stat || stat.Device != device)
                {
                    continue;
                }
                var child = BytePath.Join(path, name);
                entries.Add(new(child, stat.InTree(isOverlay: false), false));
                if (stat.Kind == EntryKind.Directory && directory.TryOpenDirectoryAt(name, out _) is { } below)
                {
                    using (below)
                    {
                        Walk(below, child, depth + 1);
                    }
                }
            }
        }
    }
}
