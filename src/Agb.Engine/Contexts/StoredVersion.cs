using System.Security.Cryptography;

namespace Agb.Engine;

/// <summary>One version of a context, open for reading. Its end starts the removal of layers kept only for it.</summary>
internal sealed class StoredVersion : IDisposable
{
    private readonly EngineParts _parts;
    private readonly Snapshot _snapshot;
    private Dictionary<string, DateTimeOffset?> _storedAt = [];

    private StoredVersion(EngineParts parts, string contextId, long? version)
    {
        _parts = parts;
        _snapshot = Snapshot.Open(parts.Paths, parts.Catalog, contextId, version, (tx, stack) => _storedAt = VersionTable.StoredAt(tx, stack));
    }

    /// <summary>The context's id.</summary>
    internal string ContextId => _snapshot.Context.Id;

    /// <summary>Opens a version.</summary>
    /// <param name="parts">The engine.</param>
    /// <param name="contextId">The context.</param>
    /// <param name="version">The version; null for the newest, possibly none.</param>
    /// <exception cref="AgbException">ContextNotFound, VersionNotFound.</exception>
    internal static StoredVersion Open(EngineParts parts, string contextId, long? version) =>
        new(parts, contextId, version);

    /// <summary>Opens a directory; empty if not stored or not a directory.</summary>
    internal MergedDirectory OpenDirectory(string rawPath) => _snapshot.Open(rawPath);

    /// <summary>Opens a directory by kept names: only its layers with a visible entry.</summary>
    /// <param name="rawPath">The directory.</param>
    /// <param name="entries">All its entries.</param>
    /// <returns>Null without kept names, or with a layer changed from outside since.</returns>
    internal MergedDirectory? TryOpenKept(string rawPath, out IReadOnlyList<ListedEntry> entries)
    {
        entries = [];
        if (_parts.MergedNames.Find(_snapshot.Stack, rawPath) is not { } kept)
        {
            return null;
        }
        var opened = _snapshot.Open(rawPath, kept.Ordinals);
        if (opened.Layers.Count == kept.Ordinals.Length)
        {
            entries = kept.Entries;
            return opened;
        }
        opened.Dispose();
        return null;
    }

    /// <summary>Keeps the names of a directory for later listings.</summary>
    internal void Keep(string rawPath, MergedDirectory directory, List<ListedEntry> entries) =>
        _parts.MergedNames.Keep(_snapshot.Stack, rawPath, directory, entries);

    /// <summary>Describes an entry.</summary>
    /// <param name="directory">The parent directory.</param>
    /// <param name="holder">The index of the entry's layer in the parent directory.</param>
    /// <param name="name">Its name, raw.</param>
    /// <param name="stat">Its attributes.</param>
    /// <param name="path">Its absolute path, as text.</param>
    internal AgbContextFile Describe(MergedDirectory directory, int holder, string name, FileStat stat, string path)
    {
        var layer = _snapshot.Layers[directory.Ordinals[holder]];
        var modified = Time(stat.MtimeNs);
        return new AgbContextFile
        {
            Service = _parts.Service,
            ContextId = ContextId,
            Path = path,
            Type = stat.Kind switch
            {
                EntryKind.Directory => AgbFileType.Directory,
                EntryKind.Symlink => AgbFileType.SymbolicLink,
                _ => AgbFileType.File,
            },
            Size = stat.Kind == EntryKind.File ? stat.Size : 0,
            CreatedAt = _storedAt.GetValueOrDefault(layer) ?? modified,
            ModifiedAt = modified,
            Mode = (int)stat.Permissions,
            LinkTarget = stat.Kind == EntryKind.Symlink ? BytePath.ToText(directory.Layers[holder].ReadLinkAt(name)) : null,
            ETag = stat.Kind == EntryKind.File ? Tag(stat, layer, path) : null,
        };
    }

    /// <summary>Describes the root, present in every context.</summary>
    internal AgbContextFile DescribeRoot(MergedDirectory root) => new()
    {
        Service = _parts.Service,
        ContextId = ContextId,
        Path = "/",
        Type = AgbFileType.Directory,
        CreatedAt = _snapshot.Context.CreatedAt,
        ModifiedAt = root.Exists ? Time(root.Stat().MtimeNs) : _snapshot.Context.CreatedAt,
        Mode = (int)(root.Exists ? root.Stat().Permissions : FileModes.PublicDirectory),
    };

    /// <inheritdoc/>
    public void Dispose()
    {
        _snapshot.Dispose();
        _parts.Maintenance.AfterReading();
    }

    // Stored files are immutable, so the inode identifies the content, also after compaction has linked it into another layer.
    // A file system without birth times may give the inode of a deleted file to another.
    private static string Tag(FileStat stat, string layer, string path)
    {
        var identity = stat.BirthNs != 0
            ? FormattableString.Invariant($"{stat.Device} {stat.Ino} {stat.BirthNs} {stat.Size}")
            : $"{layer} {path}";
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(identity)).AsSpan(0, 16));
    }

    private static DateTimeOffset Time(long ns) => DateTimeOffset.UnixEpoch.AddTicks(ns / TimeSpan.NanosecondsPerTick);
}
