namespace Agb.Engine;

/// <summary>Mounts the layers themselves, through overlayfs, under the session's upper directory. The cost does not depend on the
/// context's size.</summary>
internal sealed class OverlayMount(StorePaths paths, OverlayMarks marks) : IContextMount
{
    /// <inheritdoc/>
    public OverlayMarks Marks => marks;

    /// <inheritdoc/>
    public string TreeName => "upper";

    /// <inheritdoc/>
    public SandboxMount Prepare(MountRow mount, CancellationToken cancellationToken)
    {
        foreach (var layer in LayerStack.Parse(mount.Stack))
        {
            LayerMarks.Convert(paths, layer, cancellationToken);
        }
        LargeLayer.Make(paths, mount, cancellationToken);
        using var view = MountView.Open(paths, mount);
        using var session = Fd.OpenDirectory(paths.Session(mount.SessionId));
        session.MkdirAt(mount.Name, FileModes.PassThrough);
        using var directory = session.OpenDirectoryAt(mount.Name);
        SessionOwner.ChownToSession(directory);
        foreach (var name in (string[])["work", "merged"])
        {
            directory.MkdirAt(name);
            SessionOwner.ChownToSession(directory, name);
        }
        var forks = ForkLayers.Trees(paths, mount.Forks, mount.Name).ToArray();
        using var shown = forks.Length == 0 ? view.OpenChild(".") : MergedDirectory.Over(Fd.OpenTree(forks[0]), view.OpenChild("."));
        MountRoot.Make(directory, TreeName, shown);
        // Links keep the mount's options short for any length of origin and stack: the kernel takes one page of options
        // (mount(2)), and names without commas and colons.
        string[] lowers = [.. forks.Select(BytePath.FromText), .. view.Paths];
        for (var i = 0; i < lowers.Length; i++)
        {
            directory.SymlinkAt(lowers[i], $"l{i}");
        }
        return new SandboxMount(mount.Path, mount.Name, lowers.Length) { Marks = marks, Renames = forks.Length == 0 };
    }

    /// <inheritdoc/>
    public Manifest FirstManifest(MountRow mount) => new();

    /// <inheritdoc/>
    public IStoredTree OpenStored(MountRow mount, ChangeTrees changes, MergedDirectory? context) =>
        new StoredTree(MountView.Open(paths, mount), changes, isFirstManifest: false, context);
}

/// <summary>Creates the root of a session's tree.</summary>
internal static class MountRoot
{
    /// <summary>Creates the directory with the stored or the default attributes.</summary>
    /// <param name="directory">The parent directory.</param>
    /// <param name="name">Its name.</param>
    /// <param name="view">The stored tree.</param>
    /// <param name="fill">Fills the directory before its mode may forbid it; null for nothing.</param>
    internal static void Make(Fd directory, string name, MergedDirectory view, Action<Fd>? fill = null)
    {
        if (!view.Exists)
        {
            SessionOwner.MakeDirectory(directory, name).Dispose();
            return;
        }
        using var root = EntryCopier.MakeDirectory(view.Topmost, directory, name);
        fill?.Invoke(root);
        EntryCopier.FinishDirectory(root, view.Stat());
    }
}
