namespace Agb.Protocol;

/// <summary>All of a file, directory or link of a context.</summary>
public sealed record FileDetail
{
    /// <summary>The context.</summary>
    public required string ContextId { get; init; }

    /// <summary>The absolute path.</summary>
    public required string Path { get; init; }

    /// <summary>What it is.</summary>
    public AgbFileType Type { get; init; }

    /// <summary>Bytes of content.</summary>
    public long Size { get; init; }

    /// <summary>When the context got this content.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the content was modified.</summary>
    public DateTimeOffset ModifiedAt { get; init; }

    /// <summary>The permission bits.</summary>
    public int? Mode { get; init; }

    /// <summary>Where a link points.</summary>
    public string? LinkTarget { get; init; }

    /// <summary>Names this content.</summary>
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

    /// <summary>The directory whose content is listed.</summary>
    public string? Path { get; init; }

    /// <summary>List what is below its directories too.</summary>
    public bool Recurse { get; init; }

    /// <summary>The version to look into; none for the newest.</summary>
    public long? Version { get; init; }

    /// <summary>Leave out the first so many entries.</summary>
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

    /// <summary>The version to look into; none for the newest.</summary>
    public long? Version { get; init; }

    /// <summary>Where to start reading, in bytes.</summary>
    public long Offset { get; init; }
}
