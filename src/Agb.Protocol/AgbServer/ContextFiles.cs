namespace Agb.Protocol;

/// <summary>The body of <see cref="AgbServerRoutes.ListContextFiles"/>.</summary>
/// <param name="ContextId">The context.</param>
/// <param name="Path">The directory to list.</param>
/// <param name="Recurse">Include subdirectories.</param>
/// <param name="Version">The version to read; none for the newest.</param>
/// <param name="Skip">The number of first entries to skip.</param>
public sealed record ListContextFilesBody(string? ContextId = null, string? Path = null, bool Recurse = false, long? Version = null, int Skip = 0)
{
    /// <summary>The query of the body.</summary>
    public AgbContextFileQuery ToQuery() => new() { Path = Path ?? "/", Recurse = Recurse, Version = Version, Skip = Math.Max(0, Skip) };
}

/// <summary>The body of <see cref="AgbServerRoutes.GetContextFile"/> and <see cref="AgbServerRoutes.OpenContextFile"/>.</summary>
/// <param name="ContextId">The context.</param>
/// <param name="Path">The absolute path.</param>
/// <param name="Version">The version to read; none for the newest.</param>
/// <param name="Offset">The start of the reading, in bytes.</param>
public sealed record ContextFileBody(string? ContextId = null, string? Path = null, long? Version = null, long Offset = 0);
