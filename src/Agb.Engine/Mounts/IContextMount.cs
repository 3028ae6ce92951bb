namespace Agb.Engine;

/// <summary>Method of mounting a context in a session. All methods give the same guarantees.</summary>
internal interface IContextMount
{
    /// <summary>Whether the session's tree holds only changes, with deletions as whiteouts.</summary>
    bool IsOverlay => Marks != OverlayMarks.None;

    /// <summary>The overlay marks in the session's tree.</summary>
    OverlayMarks Marks { get; }

    /// <summary>The name of the session's tree below the mount's directory.</summary>
    string TreeName { get; }

    /// <summary>Prepares the mount's directory for the sandbox.</summary>
    SandboxMount Prepare(MountRow mount, CancellationToken cancellationToken);

    /// <summary>The manifest of the tree before the session's first upload.</summary>
    Manifest FirstManifest(MountRow mount);

    /// <summary>The stored tree under the session's tree, for comparison.</summary>
    /// <param name="mount">The mount.</param>
    /// <param name="changes">The session's tree; the caller closes it.</param>
    /// <param name="context">The context's current tree, if the session has policy layers on top of it; owned by the
    /// result.</param>
    IStoredTree OpenStored(MountRow mount, ChangeTrees changes, MergedDirectory? context);
}

/// <summary>Empty stored tree.</summary>
internal sealed class NothingStored(MergedDirectory? context) : IStoredTree, IDisposable
{
    /// <inheritdoc/>
    public bool IsInContext(string path) => context is null || context.LookupPath(path) is not null;

    /// <inheritdoc/>
    public void Dispose() => context?.Dispose();

    /// <inheritdoc/>
    public bool IsFirstManifest => false;

    /// <inheritdoc/>
    public FileStat? Lookup(string path) => null;

    /// <inheritdoc/>
    public bool IsIdentical(ScannedEntry entry, FileStat stored) => false;

    /// <inheritdoc/>
    public IEnumerable<string> FilesAtOrBelow(string path) => [];
}
