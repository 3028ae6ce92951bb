namespace Agb.Store;

/// <summary>Where things lie below the AGB home directory (docs/format.md).</summary>
internal sealed class StorePaths(string home)
{
    private const string GoneSuffix = ".gone";

    internal string Home { get; } = home;

    /// <summary>Whether nothing can be written there, as it was when this was made.</summary>
    internal bool IsReadOnly { get; } = Directory.Exists(home) && StoreHome.IsReadOnly(home);

    internal string Catalog => Path.Combine(Home, "catalog.db");

    internal string FormatFile => Path.Combine(Home, "format");

    internal string Layers => Path.Combine(Home, "layers");

    internal string Staging => Path.Combine(Home, "staging");

    internal string Sessions => Path.Combine(Home, "sessions");

    internal string Locks => Path.Combine(Home, "locks");

    internal string Layer(string layerId) => Path.Combine(Layers, layerId);

    /// <summary>The root of a layer's files: a path in the context is a path below it.</summary>
    internal string LayerTree(string layerId) => Path.Combine(Layers, layerId, "tree");

    /// <summary>When the entries of a merged layer were stored.</summary>
    internal string LayerTimes(string layerId) => Path.Combine(Layers, layerId, "times");

    /// <summary>Says that a layer's marks hold for trusted mounts too.</summary>
    internal string LayerTrusted(string layerId) => Path.Combine(Layers, layerId, TrustedName);

    internal const string TrustedName = "trusted";

    internal string Staged(string layerId) => Path.Combine(Staging, layerId);

    /// <summary>The symlink that names the owner of a staged layer until its upload is recorded.</summary>
    internal string Marker(string layerId) => Path.Combine(Staging, layerId + ".owner");

    internal string Session(string sessionId) => Path.Combine(Sessions, sessionId);

    /// <summary>What a session's directory is called while it is removed.</summary>
    internal string GoneSession(string sessionId) => Session(sessionId) + GoneSuffix;

    /// <summary>Lies there once a write failed while the session ran: its trees are not to be trusted any more.</summary>
    internal string Unwritten(string sessionId) => Path.Combine(Session(sessionId), "unwritten");

    /// <summary>The session that a directory below <see cref="Sessions"/> belongs to.</summary>
    internal static string SessionOf(string directory)
    {
        var name = Path.GetFileName(directory);
        return name.EndsWith(GoneSuffix, StringComparison.Ordinal) ? name[..^GoneSuffix.Length] : name;
    }

    internal string Mount(string sessionId, string mountName) => Path.Combine(Sessions, sessionId, mountName);

    /// <summary>What the names of such layers end with; of those made for a while, what they go on with a hyphen after.</summary>
    internal const string GivenEnding = ".given";

    /// <summary>The layer of a mount's own that lies between the stored ones and what the session changes, if it has one.</summary>
    internal string Given(string sessionId, string mountName) => Path.Combine(Sessions, sessionId, mountName + GivenEnding);

    internal string SessionLock(string sessionId) => Path.Combine(Locks, sessionId);

    internal string ContextLock(string contextId) => Path.Combine(Locks, contextId);

    internal string ChangeLock(string name) => Path.Combine(Locks, name);

    internal string CollectionLock => Path.Combine(Locks, "collection");

    /// <summary>One check of the store at a time.</summary>
    internal string CheckLock => Path.Combine(Locks, "check");

    /// <summary>Layers are made fit for overlays by one process at a time.</summary>
    internal string MarksLock => Path.Combine(Locks, "marks");

    /// <summary>Held by the one process that removes layers which nobody needs.</summary>
    internal string RemovalLock => Path.Combine(Locks, "removal");

    internal string RecoveryLock => Path.Combine(Locks, "recovery");
}
