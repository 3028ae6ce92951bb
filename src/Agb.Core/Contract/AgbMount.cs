namespace Agb;

/// <summary>A context in a running session.</summary>
public sealed record AgbMount : AgbObject
{
    /// <summary>The session.</summary>
    public required string SessionId { get; init; }

    /// <summary>The context's id.</summary>
    public required string ContextId { get; init; }

    /// <summary>The absolute path in the session.</summary>
    public required string Path { get; init; }

    /// <summary>The mounted path in the context.</summary>
    public required string OriginPath { get; init; }

    /// <summary>The version at the time of mounting; 0 for a context without one. Null if the mount began empty, by a policy without
    /// automatic download.</summary>
    public long? Version { get; init; }

    /// <summary>Whether programs of the session can't write to it.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>The sync policy.</summary>
    public AgbSyncPolicy Policy { get; init; } = new();

    /// <inheritdoc/>
    public override string ToString() => $"{ContextId} at {Path}";
}

/// <summary>A request to mount a context into a running session.</summary>
public sealed record AgbMountRequest
{
    /// <summary>The context, by id or name, its path in the session, and its policy.</summary>
    public required AgbContextSync Sync { get; init; }

    /// <summary>The version; null for the newest.</summary>
    public long? Version { get; init; }

    /// <summary>Whether programs of the session can't write to it (EROFS).</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>A path below the context's data, to mount only that; null for all. Relative to the policy's mapping path, else to the
    /// one path with data, else to the mount's path.</summary>
    public string? SubPath { get; init; }
}

/// <summary>A request to take a context out of a running session, or to show another version of it.</summary>
public sealed record AgbMountChange
{
    /// <summary>The absolute path of the mount in the session; null for the only one.</summary>
    public string? Path { get; init; }

    /// <summary>Only a mount of this context, by id or name; null for any.</summary>
    public string? ContextId { get; init; }

    /// <summary>The treatment of changes after the last upload. <see cref="AgbReleaseMode.Policy"/> uploads them if the policy does at
    /// the release, and else refuses the request if there are any.</summary>
    public AgbReleaseMode Changes { get; init; }

    /// <summary>Whether to go on while programs have files of the mount open for writing: their later writes are dropped.</summary>
    public bool Force { get; init; }

    /// <summary>For a switch: the version; null for the newest.</summary>
    public long? Version { get; init; }
}
