namespace Agb.Engine;

/// <summary>The files of one session at one moment, for its forks: fork layers, and files copied into each fork.</summary>
/// <param name="paths">The store.</param>
/// <param name="id">The fork layer of this moment.</param>
/// <param name="layers">For each part of a session its fork layers, topmost first.</param>
internal sealed class ForkSource(StorePaths paths, string id, IReadOnlyDictionary<string, string> layers)
{
    /// <summary>The part with the files in memory.</summary>
    internal const string Memory = "ram";

    /// <summary>The part with the shared memory.</summary>
    internal const string SharedMemory = "shm";

    private const string MovedSuffix = ".moved";
    private const string LinksSuffix = ".links";
    private const string ManifestSuffix = ".manifest";

    /// <summary>The fork layer of this moment.</summary>
    internal string Id => id;

    /// <summary>For each part of a session its fork layers, topmost first.</summary>
    internal IReadOnlyDictionary<string, string> Layers => layers;

    /// <summary>The directories of the fork layers of private and system directories.</summary>
    internal IReadOnlyDictionary<string, IReadOnlyList<string>> Directories =>
        layers.ToDictionary(l => l.Key, IReadOnlyList<string> (l) => [.. ForkLayers.Trees(paths, l.Value, l.Key)], StringComparer.Ordinal);

    /// <summary>The file with the manifest of a mount.</summary>
    internal static string ManifestOf(string forkDirectory, string mountName) => Path.Combine(forkDirectory, mountName + ManifestSuffix);

    /// <summary>Notes properties of a part's layer for later mounts over it, in empty files beside it.</summary>
    internal static void Note(string forkDirectory, string part, bool isMoved, bool hasLinks)
    {
        foreach (var suffix in (string[])[.. isMoved ? [MovedSuffix] : Array.Empty<string>(), .. hasLinks ? [LinksSuffix] : Array.Empty<string>()])
        {
            File.WriteAllBytes(Path.Combine(forkDirectory, part + suffix), []);
        }
    }

    /// <summary>Whether a mount of a fork keeps hard links of its lower layers. The kernel's index allows no layer that is the upper
    /// directory of another mount, as a moved tree is until the end of its session.</summary>
    /// <param name="row">The mount.</param>
    /// <param name="mayHaveLinks">Whether a stored layer may have hard links.</param>
    internal bool KeepsLinks(MountRow row, bool mayHaveLinks)
    {
        bool Has(string suffix) => LayerStack.Parse(row.Forks).Any(layer => File.Exists(Path.Combine(paths.Fork(layer), row.Name + suffix)));
        return (mayHaveLinks || Has(LinksSuffix)) && !Has(MovedSuffix);
    }

    /// <summary>Prepares a mount of a fork.</summary>
    /// <param name="row">The fork's mount.</param>
    /// <param name="mount">The mount method.</param>
    /// <param name="cancellationToken">Cancels.</param>
    internal SandboxMount Prepare(MountRow row, IContextMount mount, CancellationToken cancellationToken)
    {
        var (frozen, directory) = (paths.Fork(id), paths.Mount(row.SessionId, row.Name));
        var manifest = ManifestOf(frozen, row.Name);
        if (mount.IsOverlay)
        {
            var ready = mount.Prepare(row, cancellationToken);
            if (File.Exists(manifest))
            {
                File.Copy(manifest, ManifestFiles.PathOf(directory, row.Manifest!));
            }
            return ready;
        }
        using (var session = Fd.OpenDirectory(paths.Session(row.SessionId)))
        {
            session.MkdirAt(row.Name, FileModes.PassThrough);
            SessionOwner.ChownToSession(session, row.Name);
        }
        using var parent = Fd.OpenDirectory(directory);
        using var tree = SessionOwner.MakeDirectory(parent, mount.TreeName);
        using var copy = new FrozenTree(tree, OverlayMarks.None);
        Fill(Path.Combine(frozen, row.Name), copy, cancellationToken);
        copy.Translate(Manifest.Load(manifest)).Save(row.Manifest is null ? CopyMount.FirstManifestPath(directory) : ManifestFiles.PathOf(directory, row.Manifest));
        return new SandboxMount(row.Path, row.Name, null);
    }

    /// <summary>Copies the files of a started fork that have no place on the host's disk; on a host without overlays the private
    /// directories too.</summary>
    /// <param name="sandbox">The fork.</param>
    /// <param name="hasOverlays">Whether the private directories are overlays.</param>
    /// <param name="cancellationToken">Cancels.</param>
    internal void FillStarted(SandboxHandle sandbox, bool hasOverlays, CancellationToken cancellationToken)
    {
        (string Part, string Path)[] places = [(Memory, "/"), (SharedMemory, "/dev/shm"), .. hasOverlays ? [] : s_private];
        foreach (var (part, path) in places.Where(p => Directory.Exists(Path.Combine(paths.Fork(id), p.Part))))
        {
            using var target = SessionRootView.Open(sandbox, path);
            using var copy = new FrozenTree(target, OverlayMarks.None);
            Fill(Path.Combine(paths.Fork(id), part), copy, cancellationToken);
        }
    }

    private static readonly (string Part, string Path)[] s_private = [("tmp", "/tmp"), ("vartmp", "/var/tmp"), ("home", "/home")];

    private static void Fill(string directory, FrozenTree copy, CancellationToken cancellationToken)
    {
        using var frozen = Fd.OpenTree(directory);
        using var source = new ChangeTrees(frozen);
        var entries = TreeScanner.Scan(frozen, OverlayMarks.None, cancellationToken);
        copy.Bring(source, entries, stored: null, _ => false, cancellationToken);
        copy.Finish(entries);
    }
}
