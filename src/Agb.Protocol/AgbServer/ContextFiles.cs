namespace Agb.Protocol;

/// <summary>The body of <see cref="AgbServerRoutes.ListContextFiles"/>.</summary>
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

/// <summary>The body of <see cref="AgbServerRoutes.GetContextFile"/> and <see cref="AgbServerRoutes.OpenContextFile"/>.</summary>
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
