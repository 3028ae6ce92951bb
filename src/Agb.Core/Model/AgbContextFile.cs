using System.Dynamic;
using System.Linq.Expressions;

namespace Agb;

/// <summary>What a path of a context holds.</summary>
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

    /// <summary>The absolute path under which it is stored.</summary>
    public required string Path { get; init; }

    /// <summary>The same as <see cref="Path"/>, by a name that no parameter for paths of this machine has.</summary>
    public string ContextPath => Path;

    /// <summary>The last part of the path.</summary>
    public string Name => Path[(Path.LastIndexOf('/') + 1)..];

    /// <summary>What it is.</summary>
    public AgbFileType Type { get; init; }

    /// <summary>Bytes of content; 0 for directories and links.</summary>
    public long Size { get; init; }

    /// <summary>When the context got this content, or <see cref="ModifiedAt"/> where the service does not know.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the content was last modified, as the session that stored it had it.</summary>
    public DateTimeOffset ModifiedAt { get; init; }

    /// <summary>The permission bits (chmod(2)), or null where the service does not tell them.</summary>
    public int? Mode { get; init; }

    /// <summary>Where a symbolic link points, else null.</summary>
    public string? LinkTarget { get; init; }

    /// <summary>Names this content: two answers with the same tag have the same bytes. Null for what is no file, or where
    /// the service has none.</summary>
    public string? ETag { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Path;

    DynamicMetaObject IDynamicMetaObjectProvider.GetMetaObject(Expression parameter) => new PathMember(parameter, this);
}

/// <summary>Which files of a context to list.</summary>
public sealed record AgbContextFileQuery
{
    /// <summary>The directory whose content is listed.</summary>
    public string Path { get; init; } = "/";

    /// <summary>List what is below its directories too, each directory before its content.</summary>
    public bool Recurse { get; init; }

    /// <summary>The version to look into; null for the newest.</summary>
    public long? Version { get; init; }

    /// <summary>Leave out the first so many entries.</summary>
    public int Skip { get; init; }
}

/// <summary>An open file of a context. Dispose it after reading.</summary>
/// <param name="File">The file.</param>
/// <param name="Content">Its bytes from the offset asked for.</param>
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
    /// <summary>Stores a file, replacing what file or link is there. Directories above it are created.</summary>
    /// <param name="Path">The absolute path in the context.</param>
    /// <param name="Open">Opens the content; called once, when its turn comes.</param>
    public sealed record Put(string Path, Func<CancellationToken, Task<Stream>> Open) : AgbContextFileChange(Path)
    {
        /// <summary>The permission bits (chmod(2)); null for 0644, or those that the replaced file has.</summary>
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

    /// <summary>Stores a symbolic link, replacing what file or link is there.</summary>
    /// <param name="Path">The absolute path in the context.</param>
    /// <param name="Target">Where it points.</param>
    public sealed record Link(string Path, string Target) : AgbContextFileChange(Path);

    /// <summary>Removes what is at a path; nothing there is FileNotFound.</summary>
    /// <param name="Path">The absolute path in the context.</param>
    /// <param name="Recurse">Remove a directory with its content too; without it, one that is not empty is WrongFileType.</param>
    public sealed record Remove(string Path, bool Recurse = false) : AgbContextFileChange(Path);
}
