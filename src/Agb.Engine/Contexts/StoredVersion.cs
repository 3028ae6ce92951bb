using System.Security.Cryptography;
using System.Text;

namespace Agb.Engine;

/// <summary>One version of a context, open for reading. A shared lock on garbage collection keeps all layers on disk during
/// uploads, compactions and removals.</summary>
internal sealed class StoredVersion : IDisposable
{
    private readonly IAgbService _service;
    private readonly ContextMaintenance _upkeep;
    private readonly FileLock _reading;
    private readonly ContextRow _context;
    private readonly string[] _layers;
    private readonly string[] _trees;
    private readonly Dictionary<string, DateTimeOffset?> _storedAt;

    private StoredVersion(EngineParts parts, FileLock reading, string contextId, long? version)
    {
        _service = parts.Service;
        _upkeep = parts.Upkeep;
        _reading = reading;
        (_context, var stack, _storedAt) = parts.Catalog.Read(tx =>
        {
            var context = ContextOperations.Require(tx, contextId);
            var found = version is { } number
                ? VersionTable.Find(tx, context.Id, number)?.Stack ?? throw AgbErrors.VersionNotFound(context.Id, number)
                : VersionTable.HeadStack(tx, context);
            return (context, found, VersionTable.StoredAt(tx, found));
        });
        _layers = LayerStack.Parse(stack);
        _trees = [.. _layers.Select(parts.Paths.LayerTree)];
    }

    /// <summary>The context's id.</summary>
    internal string ContextId => _context.Id;

    /// <summary>Opens a version.</summary>
    /// <param name="parts">The engine.</param>
    /// <param name="contextId">The context.</param>
    /// <param name="version">The version; null for the newest, possibly none.</param>
    /// <exception cref="AgbException">ContextNotFound, VersionNotFound.</exception>
    internal static StoredVersion Open(EngineParts parts, string contextId, long? version)
    {
        // Taken before the stack is read, so its layers stay from then on.
        var reading = FileLock.AcquireShared(parts.Paths.CollectionLock);
        try
        {
            return new StoredVersion(parts, reading, contextId, version);
        }
        catch
        {
            reading.Dispose();
            throw;
        }
    }

    /// <summary>Opens a directory; empty if not stored or not a directory.</summary>
    internal MergedDirectory OpenDirectory(string rawPath) => MergedDirectory.Open(_trees, rawPath);

    /// <summary>Describes an entry.</summary>
    /// <param name="directory">The parent directory.</param>
    /// <param name="holder">The index of the entry's layer in the parent directory.</param>
    /// <param name="name">Its name, raw.</param>
    /// <param name="stat">Its attributes.</param>
    /// <param name="path">Its absolute path, as text.</param>
    internal AgbContextFile Describe(MergedDirectory directory, int holder, string name, FileStat stat, string path)
    {
        var layer = _layers[directory.Ordinals[holder]];
        var modified = Time(stat.MtimeNs);
        return new AgbContextFile
        {
            Service = _service,
            ContextId = _context.Id,
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
        Service = _service,
        ContextId = _context.Id,
        Path = "/",
        Type = AgbFileType.Directory,
        CreatedAt = _context.CreatedAt,
        ModifiedAt = root.Exists ? Time(root.Stat().MtimeNs) : _context.CreatedAt,
        Mode = (int)(root.Exists ? root.Stat().Permissions : SessionOwner.DirectoryPermissions),
    };

    /// <inheritdoc/>
    public void Dispose()
    {
        _reading.Dispose();
        _upkeep.AfterReading();
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
