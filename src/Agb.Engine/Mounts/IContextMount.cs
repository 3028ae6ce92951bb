namespace Agb.Engine;

/// <summary>One way of showing a context to a session. All ways keep the same promises.</summary>
internal interface IContextMount
{
    /// <summary>Whether the session's tree holds only what it changed, with deletions as marks.</summary>
    bool IsOverlay => Marks != OverlayMarks.None;

    /// <summary>The marks in that tree.</summary>
    OverlayMarks Marks { get; }

    /// <summary>The name of the session's tree below the mount's directory.</summary>
    string TreeName { get; }

    /// <summary>Makes the mount's directory ready for the sandbox.</summary>
    SandboxMount Prepare(MountRow mount, CancellationToken cancellationToken);

    /// <summary>What the tree looked like before the session's first upload.</summary>
    Manifest FirstManifest(MountRow mount);

    /// <summary>What was stored under the session's tree, as far as it is worth comparing with.</summary>
    /// <param name="mount">The mount.</param>
    /// <param name="tree">The session's tree.</param>
    /// <param name="context">What the context has now, where the session was given more than that; owned by the result.</param>
    IStoredTree OpenStored(MountRow mount, Fd tree, MergedDirectory? context);
}

/// <summary>A tree with nothing in it.</summary>
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
