namespace Agb.Protocol;

/// <summary>The kind of a file change.</summary>
public enum FileChangeKind
{
    /// <summary>The end of the changes.</summary>
    End,

    /// <summary>Stores a file; its content follows.</summary>
    Put,

    /// <summary>Stores a directory.</summary>
    MakeDirectory,

    /// <summary>Stores a symbolic link.</summary>
    Link,

    /// <summary>Removes a file, directory or link.</summary>
    Remove,
}

/// <summary>One change in a <see cref="ChangeStream"/>.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Path">The absolute path in the context.</param>
/// <param name="Mode">The permission bits.</param>
/// <param name="ModifiedAt">The modification time to store.</param>
/// <param name="Target">The target of a link.</param>
/// <param name="Recurse">Remove a directory with its content.</param>
public sealed record FileChange(
    FileChangeKind Kind = default, string? Path = null, int? Mode = null, DateTimeOffset? ModifiedAt = null, string? Target = null,
    bool Recurse = false);
