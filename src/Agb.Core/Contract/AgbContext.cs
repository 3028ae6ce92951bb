namespace Agb;

/// <summary>The state of a context.</summary>
public enum AgbContextState
{
    /// <summary>The context can be used.</summary>
    Available,

    /// <summary>The context's data is being removed.</summary>
    Clearing,
}

/// <summary>A context: persistent storage beyond the life of sessions, a versioned file tree addressed by absolute
/// path.</summary>
public sealed record AgbContext : AgbObject
{
    /// <summary>The id, <c>SdkCtx-...</c>.</summary>
    public required string Id { get; init; }

    /// <summary>The name, unique per owner.</summary>
    public required string Name { get; init; }

    /// <summary>The state.</summary>
    public AgbContextState State { get; init; }

    /// <summary>When the context was created.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When a session last mounted the context or uploaded to it.</summary>
    public DateTimeOffset LastUsedAt { get; init; }

    /// <summary>The context's id, for calls.</summary>
    public static implicit operator ContextId(AgbContext context) => new(context.Id);

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>A page of contexts, by name.</summary>
/// <param name="Items">The contexts.</param>
/// <param name="HasMore">Whether more contexts follow.</param>
/// <param name="Total">The number of all contexts.</param>
public sealed record AgbContextPage(IReadOnlyList<AgbContext> Items, bool HasMore, long Total);

/// <summary>The origin of a context's version.</summary>
public enum AgbVersionOrigin
{
    /// <summary>An upload of a session.</summary>
    Upload,

    /// <summary>A change of single files, without a session.</summary>
    Files,

    /// <summary>A restore of an earlier version.</summary>
    Restore,

    /// <summary>The removal of all data.</summary>
    Clear,

    /// <summary>The expiry of data by its lifecycle.</summary>
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

    /// <summary>The origin.</summary>
    public AgbVersionOrigin Origin { get; init; }

    /// <summary>The uploading session, or null.</summary>
    public string? SessionId { get; init; }

    /// <summary>Number of files missing in the previous version.</summary>
    public long FilesAdded { get; init; }

    /// <summary>Number of files with other content or attributes in the previous version.</summary>
    public long FilesChanged { get; init; }

    /// <summary>Number of files of the previous version missing in this one.</summary>
    public long FilesDeleted { get; init; }

    /// <summary>Bytes of content in the added and changed files.</summary>
    public long Bytes { get; init; }

    /// <summary>Bytes of the previous version's content in changed or deleted files, or null if the service did not count
    /// them.</summary>
    public long? BytesRemoved { get; init; }
}
