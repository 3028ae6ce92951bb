namespace Agb.Engine;

/// <summary>Mounts a copy of the data, for hosts without overlayfs. The cost of mount and upload grows with the size of the
/// mount.</summary>
internal sealed class CopyMount(StorePaths paths) : IContextMount
{
    private const string FirstManifestName = "manifest.first";

    /// <summary>The file of the first manifest in a mount's directory.</summary>
    internal static string FirstManifestPath(string directory) => Path.Combine(directory, FirstManifestName);

    /// <inheritdoc/>
    public OverlayMarks Marks => OverlayMarks.None;

    /// <inheritdoc/>
    public string TreeName => "data";

    /// <inheritdoc/>
    public SandboxMount Prepare(MountRow mount, CancellationToken cancellationToken)
    {
        using var view = MountView.Open(paths, mount);
        using var session = Fd.OpenDirectory(paths.Session(mount.SessionId));
        session.MkdirAt(mount.Name, FileModes.PassThrough);
        using var directory = session.OpenDirectoryAt(mount.Name);
        SessionOwner.ChownToSession(directory);
        var stored = new Dictionary<string, FileStat>(StringComparer.Ordinal);
        MountRoot.Make(directory, TreeName, view, made => new TreeCopier(made, stored).CopyInto(view, made, "", cancellationToken));
        using var root = directory.OpenDirectoryAt(TreeName);
        new Manifest(TreeScanner.Scan(root, OverlayMarks.None, cancellationToken)
            .Select(e => stored.TryGetValue(e.Path, out var stat) ? e.StoredAs(stat) : e))
            .Save(Path.Combine(paths.Mount(mount.SessionId, mount.Name), FirstManifestName));
        return new SandboxMount(mount.Path, mount.Name, null);
    }

    /// <inheritdoc/>
    public Manifest FirstManifest(MountRow mount) =>
        Manifest.Load(Path.Combine(paths.Mount(mount.SessionId, mount.Name), FirstManifestName));

    /// <inheritdoc/>
    public IStoredTree OpenStored(MountRow mount, ChangeTrees changes, MergedDirectory? context) => mount.Manifest is null
        ? new StoredTree(MountView.Open(paths, mount), changes, isFirstManifest: true, context)
        : new NothingStored(context);
}

/// <summary>Copies a merged tree into a directory, and keeps its hard links.</summary>
/// <param name="targetRoot">The directory.</param>
/// <param name="copied">Gets the stored attributes of the files, by path.</param>
internal sealed class TreeCopier(Fd targetRoot, Dictionary<string, FileStat> copied)
{
    private readonly Dictionary<ulong, string> _links = [];

    internal void CopyInto(MergedDirectory from, Fd to, string path, CancellationToken cancellationToken)
    {
        foreach (var (name, stat) in from.Entries())
        {
            cancellationToken.ThrowIfCancellationRequested();
            var childPath = BytePath.Join(path, name);
            if (stat.Kind == EntryKind.Directory)
            {
                using var source = from.OpenChild(name);
                using var made = EntryCopier.MakeDirectory(source.Topmost, to, name);
                CopyInto(source, made, childPath, cancellationToken);
                EntryCopier.FinishDirectory(made, stat);
            }
            else if (stat.Kind != EntryKind.Unstorable)
            {
                copied[childPath] = stat;
                if (!TryLink(stat, to, name, childPath))
                {
                    EntryCopier.Copy(from, name, stat.Kind, to, name);
                }
            }
        }
    }

    private bool TryLink(FileStat stat, Fd to, string name, string path)
    {
        if (stat.Nlink < 2 || stat.Kind != EntryKind.File)
        {
            return false;
        }
        if (!_links.TryGetValue(stat.Ino, out var first))
        {
            _links[stat.Ino] = path;
            return false;
        }
        using var cursor = new DirectoryCursor(targetRoot);
        return cursor.At(BytePath.DirectoryOf(first)).TryLinkAt(BytePath.NameOf(first), to, name);
    }
}
