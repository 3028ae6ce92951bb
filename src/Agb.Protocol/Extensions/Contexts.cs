namespace Agb.Protocol;

/// <summary>A full context.</summary>
public sealed record ContextDetail
{
    /// <summary>The id.</summary>
    public required string Id { get; init; }

    /// <summary>The name.</summary>
    public required string Name { get; init; }

    /// <summary>The state.</summary>
    public AgbContextState State { get; init; }

    /// <summary>The creation time.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>The time of the last use.</summary>
    public DateTimeOffset LastUsedAt { get; init; }

    /// <summary>The message for a context.</summary>
    public static ContextDetail From(AgbContext context) => new()
    {
        Id = context.Id,
        Name = context.Name,
        State = context.State,
        CreatedAt = context.CreatedAt,
        LastUsedAt = context.LastUsedAt,
    };

    /// <summary>The context of a message.</summary>
    public AgbContext ToContext(IAgbService? service) => new()
    {
        Service = service,
        Id = Id,
        Name = Name,
        State = State,
        CreatedAt = CreatedAt,
        LastUsedAt = LastUsedAt,
    };
}

/// <summary>A full version.</summary>
public sealed record VersionDetail
{
    /// <summary>The context.</summary>
    public required string ContextId { get; init; }

    /// <summary>The number.</summary>
    public required long Version { get; init; }

    /// <summary>The time of the commit.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>The origin.</summary>
    public AgbVersionOrigin Origin { get; init; }

    /// <summary>The uploading session.</summary>
    public string? SessionId { get; init; }

    /// <summary>Files added.</summary>
    public long FilesAdded { get; init; }

    /// <summary>Files changed.</summary>
    public long FilesChanged { get; init; }

    /// <summary>Files deleted.</summary>
    public long FilesDeleted { get; init; }

    /// <summary>Bytes added or changed.</summary>
    public long Bytes { get; init; }

    /// <summary>Bytes replaced or deleted, if counted.</summary>
    public long? BytesRemoved { get; init; }

    /// <summary>The message for a version.</summary>
    public static VersionDetail From(AgbContextVersion version) => new()
    {
        ContextId = version.ContextId,
        Version = version.Version,
        CreatedAt = version.CreatedAt,
        Origin = version.Origin,
        SessionId = version.SessionId,
        FilesAdded = version.FilesAdded,
        FilesChanged = version.FilesChanged,
        FilesDeleted = version.FilesDeleted,
        Bytes = version.Bytes,
        BytesRemoved = version.BytesRemoved,
    };

    /// <summary>The version of a message.</summary>
    public AgbContextVersion ToVersion(IAgbService? service) => new()
    {
        Service = service,
        ContextId = ContextId,
        Version = Version,
        CreatedAt = CreatedAt,
        Origin = Origin,
        SessionId = SessionId,
        FilesAdded = FilesAdded,
        FilesChanged = FilesChanged,
        FilesDeleted = FilesDeleted,
        Bytes = Bytes,
        BytesRemoved = BytesRemoved,
    };
}

/// <summary>The body of <see cref="AgbExtensionRoutes.CreateContext"/>.</summary>
public sealed record CreateContextBody
{
    /// <summary>The name.</summary>
    public string? Name { get; init; }

    /// <summary>Answer with the context of that name, if there is one.</summary>
    public bool GetExisting { get; init; }
}

/// <summary>The body of <see cref="AgbExtensionRoutes.GetContext"/>.</summary>
public sealed record GetContextBody
{
    /// <summary>The id or name.</summary>
    public string? IdOrName { get; init; }
}

/// <summary>A body with a context's id only.</summary>
public sealed record ContextIdBody
{
    /// <summary>The context.</summary>
    public string? ContextId { get; init; }
}

/// <summary>The body of <see cref="AgbExtensionRoutes.RenameContext"/>.</summary>
public sealed record RenameContextBody
{
    /// <summary>The context.</summary>
    public string? ContextId { get; init; }

    /// <summary>The new name.</summary>
    public string? NewName { get; init; }
}

/// <summary>The body of <see cref="AgbExtensionRoutes.ClearContext"/>.</summary>
public sealed record ClearContextBody
{
    /// <summary>The context.</summary>
    public string? ContextId { get; init; }

    /// <summary>Answer as soon as the removal is registered.</summary>
    public bool NoWait { get; init; }
}

/// <summary>The body of <see cref="AgbExtensionRoutes.RestoreContext"/>.</summary>
public sealed record RestoreContextBody
{
    /// <summary>The context.</summary>
    public string? ContextId { get; init; }

    /// <summary>The version to return to.</summary>
    public long? Version { get; init; }
}
