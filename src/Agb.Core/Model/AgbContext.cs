namespace Agb;

/// <summary>What a context is doing.</summary>
public enum AgbContextState
{
    /// <summary>The context can be used.</summary>
    Available,

    /// <summary>The context's data is being removed.</summary>
    Clearing,
}

/// <summary>A context: persistent storage that outlives sessions, a versioned file tree addressed by absolute path.</summary>
public sealed record AgbContext : AgbObject
{
    /// <summary>The id, <c>SdkCtx-...</c>.</summary>
    public required string Id { get; init; }

    /// <summary>The name, unique per owner.</summary>
    public required string Name { get; init; }

    /// <summary>What the context is doing.</summary>
    public AgbContextState State { get; init; }

    /// <summary>When the context was created.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When a session last mounted the context or uploaded to it.</summary>
    public DateTimeOffset LastUsedAt { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>Some of all contexts, by name.</summary>
/// <param name="Items">The contexts.</param>
/// <param name="HasMore">Whether there are others behind them.</param>
/// <param name="Total">How many there are in all.</param>
public sealed record AgbContextPage(IReadOnlyList<AgbContext> Items, bool HasMore, long Total);

/// <summary>What made a version of a context.</summary>
public enum AgbVersionOrigin
{
    /// <summary>An upload of a session.</summary>
    Upload,

    /// <summary>A change of single files, without a session.</summary>
    Files,

    /// <summary>The return to an earlier version.</summary>
    Restore,

    /// <summary>The removal of all data.</summary>
    Clear,

    /// <summary>The removal of data whose lifecycle was over.</summary>
    Recycle,
}

/// <summary>One version of a context: the state after one upload or change.</summary>
public sealed record AgbContextVersion : AgbObject
{
    /// <summary>The context.</summary>
    public required string ContextId { get; init; }

    /// <summary>The version number; the first upload makes version 1.</summary>
    public required long Version { get; init; }

    /// <summary>When the version was committed.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>What made it.</summary>
    public AgbVersionOrigin Origin { get; init; }

    /// <summary>The session that uploaded it, or null.</summary>
    public string? SessionId { get; init; }

    /// <summary>Files that the version before did not have.</summary>
    public long FilesAdded { get; init; }

    /// <summary>Files that the version before had with other content or attributes.</summary>
    public long FilesChanged { get; init; }

    /// <summary>Files that the version before had and this one has not.</summary>
    public long FilesDeleted { get; init; }

    /// <summary>Bytes of content in the added and changed files.</summary>
    public long Bytes { get; init; }

    /// <summary>Bytes of content that the version before had in files that are changed or deleted, or null when the
    /// service did not count them.</summary>
    public long? BytesRemoved { get; init; }
}
