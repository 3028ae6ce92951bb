using System.Dynamic;
using System.Linq.Expressions;

namespace Agb;

/// <summary>The type of a file in a context.</summary>
public enum AgbFileType
{
    /// <summary>A regular file.</summary>
    File,

    /// <summary>A directory.</summary>
    Directory,

    /// <summary>A symbolic link.</summary>
    SymbolicLink,
}

/// <summary>A file, directory or symbolic link stored in a context.</summary>
public record AgbContextFile : AgbObject, IDynamicMetaObjectProvider
{
    /// <summary>The context.</summary>
    public required string ContextId { get; init; }

    /// <summary>The absolute path in the context.</summary>
    public required string Path { get; init; }

    /// <summary>Alias of <see cref="Path"/> for pipeline binding: <c>-Path</c> would bind to local-path parameters.</summary>
    [JsonIgnore]
    public string ContextPath => Path;

    /// <summary>The last part of the path.</summary>
    [JsonIgnore]
    public string Name => Path[(Path.LastIndexOf('/') + 1)..];

    /// <summary>The type.</summary>
    public AgbFileType Type { get; init; }

    /// <summary>Bytes of content; 0 for directories and links.</summary>
    public long Size { get; init; }

    /// <summary>The time of storing this content, or <see cref="ModifiedAt"/> if unknown to the service.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>The modification time of the content in the storing session.</summary>
    public DateTimeOffset ModifiedAt { get; init; }

    /// <summary>The permission bits (chmod(2)), or null if unknown.</summary>
    public int? Mode { get; init; }

    /// <summary>The target of a symbolic link, else null.</summary>
    public string? LinkTarget { get; init; }

    /// <summary>The tag of the content: equal tags mean equal bytes. Null for directories and links, or if the service has
    /// none.</summary>
    public string? ETag { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Path;

    DynamicMetaObject IDynamicMetaObjectProvider.GetMetaObject(Expression parameter) => new PathMember(parameter, this);
}

/// <summary>A query for files of a context.</summary>
public sealed record AgbContextFileQuery
{
    /// <summary>The directory to list.</summary>
    public string Path { get; init; } = "/";

    /// <summary>Include subdirectories, each directory before its content.</summary>
    public bool Recurse { get; init; }

    /// <summary>The version to read; null for the newest.</summary>
    public long? Version { get; init; }

    /// <summary>The number of first entries to skip.</summary>
    public int Skip { get; init; }
}

/// <summary>An open file of a context. Dispose it after reading.</summary>
/// <param name="File">The file.</param>
/// <param name="Content">Its bytes from the requested offset.</param>
public sealed record AgbContextFileContent(AgbContextFile File, Stream Content) : IAsyncDisposable, IDisposable
{
    /// <inheritdoc/>
    public void Dispose() => Content.Dispose();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Content.DisposeAsync();
}

/// <summary>One change of a context's files.</summary>
/// <param name="Path">The absolute path in the context.</param>
public abstract record AgbContextFileChange(string Path)
{
    /// <summary>Stores a file, replacing any file or link at the path. Directories above it are created.</summary>
    /// <param name="Path">The absolute path in the context.</param>
    /// <param name="Open">Opens the content; called once, when its turn comes.</param>
    public sealed record Put(string Path, Func<CancellationToken, Task<Stream>> Open) : AgbContextFileChange(Path)
    {
        /// <summary>The permission bits (chmod(2)); null for those of the replaced file, else 0644.</summary>
        public int? Mode { get; init; }

        /// <summary>The modification time to store; null for now.</summary>
        public DateTimeOffset? ModifiedAt { get; init; }
    }

    /// <summary>Stores a directory, if there is none.</summary>
    /// <param name="Path">The absolute path in the context.</param>
    public sealed record MakeDirectory(string Path) : AgbContextFileChange(Path)
    {
        /// <summary>The permission bits (chmod(2)); null for 0755.</summary>
        public int? Mode { get; init; }
    }

    /// <summary>Stores a symbolic link, replacing any file or link at the path.</summary>
    /// <param name="Path">The absolute path in the context.</param>
    /// <param name="Target">The target of the link.</param>
    public sealed record Link(string Path, string Target) : AgbContextFileChange(Path);

    /// <summary>Removes a file, directory or link; a missing one is FileNotFound.</summary>
    /// <param name="Path">The absolute path in the context.</param>
    /// <param name="Recurse">Remove a directory with its content; otherwise a directory with content is WrongFileType.</param>
    public sealed record Remove(string Path, bool Recurse = false) : AgbContextFileChange(Path);
}
