namespace Agb.Store;

/// <summary>Paths below the AGB home directory (docs/format.md).</summary>
internal sealed class StorePaths(string home)
{
    private const string GoneSuffix = ".gone";

    internal string Home { get; } = home;

    /// <summary>Whether the home was read-only at the creation of this object.</summary>
    internal bool IsReadOnly { get; } = Directory.Exists(home) && StoreHome.IsReadOnly(home);

    internal string Catalog => Path.Combine(Home, "catalog.db");

    internal string FormatFile => Path.Combine(Home, "format");

    internal string Layers => Path.Combine(Home, "layers");

    /// <summary>Contents of large files.</summary>
    internal string Large => Path.Combine(Home, "large");

    internal string Staging => Path.Combine(Home, "staging");

    internal string Sessions => Path.Combine(Home, "sessions");

    internal string Forks => Path.Combine(Home, "forks");

    /// <summary>Files of sessions at one moment, shared by forks: a directory for each part of a session.</summary>
    internal string Fork(string forkId) => Path.Combine(Forks, forkId);

    /// <summary>Symlink to the session with trees on their way into a fork layer.</summary>
    internal string ForkNote(string forkId) => Path.Combine(Forks, forkId, "session");

    /// <summary>Lock: shared while forks are made, alone while unused fork layers are removed.</summary>
    internal string ForksLock => Path.Combine(Locks, "forks");

    internal string Locks => Path.Combine(Home, "locks");

    internal string Layer(string layerId) => Path.Combine(Layers, layerId);

    /// <summary>Root of a layer's files; paths of the context are relative to it.</summary>
    internal string LayerTree(string layerId) => Path.Combine(Layers, layerId, "tree");

    /// <summary>Storage times of a merged layer's entries.</summary>
    internal string LayerTimes(string layerId) => Path.Combine(Layers, layerId, "times");

    /// <summary>Flag file: the layer's marks are valid for trusted mounts too.</summary>
    internal string LayerTrusted(string layerId) => Path.Combine(Layers, layerId, TrustedName);

    internal const string TrustedName = "trusted";

    internal string Staged(string layerId) => Path.Combine(Staging, layerId);

    /// <summary>Symlink with the owner of a staged layer, until its upload is recorded.</summary>
    internal string Marker(string layerId) => Path.Combine(Staging, layerId + ".owner");

    internal string Session(string sessionId) => Path.Combine(Sessions, sessionId);

    /// <summary>Name of a session's directory during its removal.</summary>
    internal string GoneSession(string sessionId) => Session(sessionId) + GoneSuffix;

    /// <summary>Flag file, created after a failed write during the session: its trees are no longer trusted.</summary>
    internal string Unwritten(string sessionId) => Path.Combine(Session(sessionId), "unwritten");

    /// <summary>The session of a directory below <see cref="Sessions"/>.</summary>
    internal static string SessionOf(string directory)
    {
        var name = Path.GetFileName(directory);
        return name.EndsWith(GoneSuffix, StringComparison.Ordinal) ? name[..^GoneSuffix.Length] : name;
    }

    internal string Mount(string sessionId, string mountName) => Path.Combine(Sessions, sessionId, mountName);

    /// <summary>Suffix of policy layers; temporary ones have a hyphen and an id after it.</summary>
    internal const string PolicyLayerEnding = ".given";

    /// <summary>Policy layer of a mount, between the stored layers and the session's changes, if it has one.</summary>
    internal string PolicyLayer(string sessionId, string mountName) => Path.Combine(Sessions, sessionId, mountName + PolicyLayerEnding);

    /// <summary>Unpacked archives, shared by sessions.</summary>
    internal string Unpacked => Path.Combine(Home, "unpacked");

    /// <summary>Finds the policy layer of a mount: its own directory, or a shared one behind a symlink.</summary>
    /// <returns>Null without one.</returns>
    /// <exception cref="AgbException">StoreCorrupt: the shared one is missing.</exception>
    internal string? FindPolicyLayer(string sessionId, string mountName)
    {
        var given = PolicyLayer(sessionId, mountName);
        if (new DirectoryInfo(given).LinkTarget is not { } target)
        {
            return Directory.Exists(given) ? given : null;
        }
        var shared = Path.GetFullPath(target, Path.GetDirectoryName(given)!);
        return Directory.Exists(shared) ? shared : throw new AgbException(
            AgbErrorIds.StoreCorrupt, AgbErrorKind.DataCorrupt, $"The unpacked archives of a session, '{shared}', are missing.",
            "They were removed from outside. Remove the session without an upload, and start another.", sessionId);
    }

    /// <summary>Suffix of the layer with a mount's large files.</summary>
    private const string LargeLayerEnding = ".large";

    /// <summary>Layer of a mount with links to whole large files, between the stored layers and the policy layer, if it has one.</summary>
    internal string LargeLayer(string sessionId, string mountName) => Path.Combine(Sessions, sessionId, mountName + LargeLayerEnding);

    internal string SessionLock(string sessionId) => Path.Combine(Locks, sessionId);

    internal string ContextLock(string contextId) => Path.Combine(Locks, contextId);

    internal string ChangeLock(string name) => Path.Combine(Locks, name);

    internal string CollectionLock => Path.Combine(Locks, "collection");

    /// <summary>Lock: one check of the store at a time.</summary>
    internal string CheckLock => Path.Combine(Locks, "check");

    /// <summary>Lock: one process at a time prepares layers for overlays.</summary>
    internal string MarksLock => Path.Combine(Locks, "marks");

    /// <summary>Lock: one process at a time changes the form of large files.</summary>
    internal string LargeLock => Path.Combine(Locks, "large");

    /// <summary>Lock: one process at a time removes unused layers.</summary>
    internal string RemovalLock => Path.Combine(Locks, "removal");

    internal string RecoveryLock => Path.Combine(Locks, "recovery");
}
