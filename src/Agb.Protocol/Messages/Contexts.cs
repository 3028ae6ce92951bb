namespace Agb.Protocol;

/// <summary>A context.</summary>
/// <param name="Id">The id.</param>
/// <param name="Name">The name.</param>
/// <param name="CreateTime">The creation time, in ISO 8601.</param>
/// <param name="LastUsedTime">The time of the last use, in ISO 8601.</param>
/// <param name="State"><c>available</c> or <c>clearing</c>. Clients read a missing one as <c>clearing</c>.</param>
public sealed record ContextData(string? Id = null, string? Name = null, string? CreateTime = null, string? LastUsedTime = null, string? State = null)
{
    /// <summary>The message for a context.</summary>
    public static ContextData From(AgbContext context) => new()
    {
        Id = context.Id,
        Name = context.Name,
        CreateTime = WireTime.Format(context.CreatedAt),
        LastUsedTime = WireTime.Format(context.LastUsedAt),
        State = context.State == AgbContextState.Clearing ? "clearing" : "available",
    };

    /// <summary>The context of a message.</summary>
    /// <exception cref="AgbException">ServiceRefused when the id is missing.</exception>
    public AgbContext ToContext(IAgbService? service) => new()
    {
        Service = service,
        Id = Id is { Length: > 0 } id
            ? id
            : throw new AgbException(AgbErrorIds.ServiceRefused, AgbErrorKind.Failed, "The service answered with a context without an id."),
        Name = Name ?? "",
        // Official clients read "pre-available" as a context being cleared.
        State = State is null or "clearing" or "pre-available" ? AgbContextState.Clearing : AgbContextState.Available,
        CreatedAt = WireTime.Parse(CreateTime),
        LastUsedAt = WireTime.Parse(LastUsedTime),
    };
}

/// <summary>The answer of the two URL calls.</summary>
/// <param name="Url">The presigned URL.</param>
/// <param name="ExpireTime">The expiry: seconds since 1970 from our servers.</param>
public sealed record FileUrlData(string? Url = null, long? ExpireTime = null);

/// <summary>One entry of DescribeContextFiles.</summary>
public sealed record ContextFileEntry
{
    /// <summary>The word for a directory in <see cref="FileType"/>.</summary>
    public const string DirectoryType = "directory";

    /// <summary>The word for a symbolic link in <see cref="FileType"/>.</summary>
    public const string LinkType = "symlink";

    /// <summary>An opaque id.</summary>
    public string? FileId { get; init; }

    /// <summary>The last part of the path.</summary>
    public string? FileName { get; init; }

    /// <summary>The absolute path.</summary>
    public string? FilePath { get; init; }

    /// <summary><c>file</c>, <c>directory</c> or <c>symlink</c> from our servers; any other word is a file.</summary>
    public string? FileType { get; init; }

    /// <summary>The time of storing, in ISO 8601.</summary>
    public string? GmtCreate { get; init; }

    /// <summary>The modification time of the content, in ISO 8601.</summary>
    public string? GmtModified { get; init; }

    /// <summary>Bytes of content.</summary>
    public long? Size { get; init; }

    /// <summary><c>ready</c>.</summary>
    public string? Status { get; init; }

    /// <summary>The entry for a file.</summary>
    public static ContextFileEntry From(AgbContextFile file) => new()
    {
        FileId = file.ETag ?? file.Path,
        FileName = file.Name,
        FilePath = file.Path,
        FileType = file.Type switch
        {
            AgbFileType.Directory => DirectoryType,
            AgbFileType.SymbolicLink => LinkType,
            _ => "file",
        },
        GmtCreate = WireTime.Format(file.CreatedAt),
        GmtModified = WireTime.Format(file.ModifiedAt),
        Size = file.Size,
        Status = "ready",
    };

    /// <summary>The file of an entry.</summary>
    public AgbContextFile ToFile(string contextId, IAgbService? service)
    {
        var modified = WireTime.Parse(GmtModified);
        return new AgbContextFile
        {
            Service = service,
            ContextId = contextId,
            Path = FilePath ?? "/" + FileName,
            Type = FileType switch
            {
                DirectoryType or "folder" => AgbFileType.Directory,
                LinkType => AgbFileType.SymbolicLink,
                _ => AgbFileType.File,
            },
            Size = Size ?? 0,
            CreatedAt = GmtCreate is null ? modified : WireTime.Parse(GmtCreate),
            ModifiedAt = modified,
        };
    }
}

/// <summary>The context of a session's file transfers.</summary>
/// <param name="ContextId">The context's id.</param>
/// <param name="ContextType"><c>file_transfer</c>.</param>
/// <param name="ContextPath">The directory in the session.</param>
public sealed record InternalContext(string? ContextId = null, string? ContextType = null, string? ContextPath = null)
{
    /// <summary>The word for file transfers in <see cref="ContextType"/>.</summary>
    public const string FileTransferType = "file_transfer";
}
