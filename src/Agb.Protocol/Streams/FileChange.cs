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
public sealed record FileChange
{
    /// <summary>The kind.</summary>
    public FileChangeKind Kind { get; init; }

    /// <summary>The absolute path in the context.</summary>
    public string? Path { get; init; }

    /// <summary>The permission bits.</summary>
    public int? Mode { get; init; }

    /// <summary>The modification time to store.</summary>
    public DateTimeOffset? ModifiedAt { get; init; }

    /// <summary>The target of a link.</summary>
    public string? Target { get; init; }

    /// <summary>Remove a directory with its content.</summary>
    public bool Recurse { get; init; }
}
