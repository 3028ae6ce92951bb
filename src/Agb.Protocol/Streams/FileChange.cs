namespace Agb.Protocol;

/// <summary>What a change of a file is.</summary>
public enum FileChangeKind
{
    /// <summary>There are no more changes.</summary>
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
    /// <summary>What it is.</summary>
    public FileChangeKind Kind { get; init; }

    /// <summary>The absolute path in the context.</summary>
    public string? Path { get; init; }

    /// <summary>The permission bits.</summary>
    public int? Mode { get; init; }

    /// <summary>The modification time to store.</summary>
    public DateTimeOffset? ModifiedAt { get; init; }

    /// <summary>Where a link points.</summary>
    public string? Target { get; init; }

    /// <summary>Remove a directory with its content.</summary>
    public bool Recurse { get; init; }
}
