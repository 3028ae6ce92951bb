namespace Agb.Protocol;

/// <summary>A full file, directory or link of a context.</summary>
public sealed record FileDetail
{
    /// <summary>The context.</summary>
    public required string ContextId { get; init; }

    /// <summary>The absolute path.</summary>
    public required string Path { get; init; }

    /// <summary>The type.</summary>
    public AgbFileType Type { get; init; }

    /// <summary>Bytes of content.</summary>
    public long Size { get; init; }

    /// <summary>The time of storing this content.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>The modification time of the content.</summary>
    public DateTimeOffset ModifiedAt { get; init; }

    /// <summary>The permission bits.</summary>
    public int? Mode { get; init; }

    /// <summary>The target of a link.</summary>
    public string? LinkTarget { get; init; }

    /// <summary>The tag of the content.</summary>
    public string? ETag { get; init; }

    /// <summary>The message for a file.</summary>
    public static FileDetail From(AgbContextFile file) => new()
    {
        ContextId = file.ContextId,
        Path = file.Path,
        Type = file.Type,
        Size = file.Size,
        CreatedAt = file.CreatedAt,
        ModifiedAt = file.ModifiedAt,
        Mode = file.Mode,
        LinkTarget = file.LinkTarget,
        ETag = file.ETag,
    };

    /// <summary>The file of a message.</summary>
    public AgbContextFile ToFile(IAgbService? service) => new()
    {
        Service = service,
        ContextId = ContextId,
        Path = Path,
        Type = Type,
        Size = Size,
        CreatedAt = CreatedAt,
        ModifiedAt = ModifiedAt,
        Mode = Mode,
        LinkTarget = LinkTarget,
        ETag = ETag,
    };
}

/// <summary>The body of <see cref="AgbExtensionRoutes.ListContextFiles"/>.</summary>
public sealed record ListContextFilesBody
{
    /// <summary>The context.</summary>
    public string? ContextId { get; init; }

    /// <summary>The directory to list.</summary>
    public string? Path { get; init; }

    /// <summary>Include subdirectories.</summary>
    public bool Recurse { get; init; }

    /// <summary>The version to read; none for the newest.</summary>
    public long? Version { get; init; }

    /// <summary>The number of first entries to skip.</summary>
    public int Skip { get; init; }

    /// <summary>The query of the body.</summary>
    public AgbContextFileQuery ToQuery() => new() { Path = Path ?? "/", Recurse = Recurse, Version = Version, Skip = Math.Max(0, Skip) };
}

/// <summary>The body of <see cref="AgbExtensionRoutes.GetContextFile"/> and <see cref="AgbExtensionRoutes.OpenContextFile"/>.</summary>
public sealed record ContextFileBody
{
    /// <summary>The context.</summary>
    public string? ContextId { get; init; }

    /// <summary>The absolute path.</summary>
    public string? Path { get; init; }

    /// <summary>The version to read; none for the newest.</summary>
    public long? Version { get; init; }

    /// <summary>The start of the reading, in bytes.</summary>
    public long Offset { get; init; }
}
