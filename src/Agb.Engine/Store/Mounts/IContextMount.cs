using Agb.Engine.Catalog;
using Agb.Engine.Native;
using Agb.Engine.Sandbox;
using Agb.Engine.Sync;

namespace Agb.Engine.Store.Mounts;

/// <summary>One way of showing a context to a session. All ways keep the same promises.</summary>
internal interface IContextMount
{
    /// <summary>Whether the session's tree holds only what it changed, with deletions as marks.</summary>
    bool IsOverlay { get; }

    /// <summary>The name of the session's tree below the mount's directory.</summary>
    string TreeName { get; }

    /// <summary>Makes the mount's directory ready for the sandbox.</summary>
    SandboxMount Prepare(MountRow mount, CancellationToken cancellationToken);

    /// <summary>What the tree looked like before the session's first upload.</summary>
    Manifest FirstManifest(MountRow mount);

    /// <summary>What was stored under the session's tree, as far as it is worth comparing with.</summary>
    IStoredTree OpenStored(MountRow mount, Fd tree);
}

/// <summary>A tree with nothing in it.</summary>
internal sealed class NothingStored : IStoredTree
{
    /// <inheritdoc/>
    public bool IsFirstManifest => false;

    /// <inheritdoc/>
    public FileStat? Lookup(string path) => null;

    /// <inheritdoc/>
    public bool IsIdentical(ScannedEntry entry, FileStat stored) => false;

    /// <inheritdoc/>
    public IEnumerable<string> FilesAtOrBelow(string path) => [];
}
