using System.IO.Hashing;

namespace Agb.Store;

/// <summary>Policy layers with unpacked archives. Each is made once for a version and a policy, and shared by all sessions with
/// both: their own policy layer is a symlink to it (docs/format.md).</summary>
internal sealed class UnpackedLayers(StorePaths paths, CatalogDb catalog, TimeProvider time)
{
    /// <summary>Time to keep a layer of the newest version after its last use.</summary>
    internal static readonly TimeSpan KeepUnused = TimeSpan.FromDays(7);

    private const string LockEnding = ".lock";
    private const string Layer = "layer";
    private const string Record = "made";

    /// <summary>Gives a mount its layer: an existing one, or a new one.</summary>
    /// <param name="row">The mount; its row protects the layer.</param>
    /// <param name="make">Makes the layer at a nonexistent path, maybe without any entry, and returns warnings.</param>
    /// <param name="cancellationToken">Cancels the work, and the wait for another process at the same work.</param>
    /// <returns>The warnings of its making.</returns>
    internal IReadOnlyList<string> Share(MountRow row, Func<string, IReadOnlyList<string>> make, CancellationToken cancellationToken)
    {
        var key = KeyOf(row);
        var isNew = false;
        UnpackedLayer found;
        using (FileLock.AcquireAsync(LockOf(key), TimeProvider.System, cancellationToken).GetAwaiter().GetResult())
        {
            if (Of(key).FirstOrDefault(u => u.Boot == ProcessTable.ReadBootId()) is { } made)
            {
                found = made;
            }
            else
            {
                (found, isNew) = (Make(row, key, make), true);
            }
            File.SetLastWriteTimeUtc(Path.Combine(found.Directory, Record), time.GetUtcNow().UtcDateTime);
            FaultPoint.Reach(FaultPoint.ArchiveShared);
            if (Directory.Exists(Path.Combine(found.Directory, Layer)))
            {
                using var session = Fd.OpenDirectory(paths.Session(row.SessionId));
                session.SymlinkAt(
                    BytePath.FromText($"../../{Path.GetFileName(paths.Unpacked)}/{Path.GetFileName(found.Directory)}/{Layer}"),
                    BytePath.FromText(Path.GetFileName(paths.PolicyLayer(row.SessionId, row.Name))));
            }
        }
        if (isNew)
        {
            Collect();
        }
        return found.Warnings;
    }

    /// <summary>Removes layers without use: those of unfinished work, of another boot, of earlier versions, and of the newest
    /// version after a time. Layers of mounts stay.</summary>
    internal void Collect()
    {
        foreach (var key in Keys())
        {
            if (Directories(key).ToArray() is { Length: > 0 } all && all.All(d => Read(d) is { } layer && IsNeeded(layer, key)))
            {
                continue;
            }
            using var alone = FileLock.TryAcquire(LockOf(key));
            if (alone is null)
            {
                continue;
            }
            // Again, because a session may have come meanwhile.
            foreach (var directory in Directories(key).Where(d => Read(d) is not { } layer || !IsNeeded(layer, key)))
            {
                Remove(directory);
            }
            if (!Directories(key).Any())
            {
                FaultSeam.Before("unlink", LockOf(key));
                File.Delete(LockOf(key));
            }
        }
    }

    /// <summary>Unfinished layers without a living maker, by name.</summary>
    internal IEnumerable<string> Unfinished() => Keys().Where(key => FileLock.IsFree(LockOf(key)))
        .SelectMany(key => Directories(key).Where(d => Read(d) is null && Directory.Exists(d))).Select(d => Path.GetFileName(d)!);

    private UnpackedLayer Make(MountRow row, string key, Func<string, IReadOnlyList<string>> make)
    {
        var directory = Path.Combine(paths.Unpacked, $"{key}-{RandomId.New()}");
        try
        {
            using (var unpacked = Fd.OpenDirectory(paths.Unpacked))
            {
                unpacked.MkdirAt(BytePath.FromText(Path.GetFileName(directory)), FileModes.PassThrough);
            }
            var warnings = make(Path.Combine(directory, Layer));
            FaultPoint.Reach(FaultPoint.ArchiveUnpacked);
            var made = new UnpackedLayer(directory, ProcessTable.ReadBootId(), row.ContextId, StackOf(row.Stack), warnings);
            // Not flushed: after a power cut it is another boot's, and made again.
            AtomicFile.Replace(
                Path.Combine(directory, Record),
                JsonSerializer.SerializeToUtf8Bytes([made.Boot, made.ContextId, made.Stack, .. made.Warnings], CatalogJson.Default.StringArray));
            return made;
        }
        catch
        {
            TreeRemover.Remove(directory);
            throw;
        }
    }

    private bool IsNeeded(UnpackedLayer layer, string key) => catalog.Read(tx =>
        MountTable.OfContext(tx, layer.ContextId).Exists(m => KeyOf(m) == key)
        || (layer.Boot == ProcessTable.ReadBootId()
            && ContextTable.ById(tx, layer.ContextId) is { } context && StackOf(VersionTable.HeadStack(tx, context)) == layer.Stack
            && time.GetUtcNow() - File.GetLastWriteTimeUtc(Path.Combine(layer.Directory, Record)) < KeepUnused));

    private static void Remove(string directory)
    {
        // The record first: a removal that is cut short leaves unfinished work.
        FaultSeam.Before("unlink", directory);
        File.Delete(Path.Combine(directory, Record));
        TreeRemover.Remove(directory);
    }

    private IEnumerable<UnpackedLayer> Of(string key) => Directories(key).Select(Read).OfType<UnpackedLayer>();

    private static UnpackedLayer? Read(string directory)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(Path.Combine(directory, Record)), CatalogJson.Default.StringArray) is
                [var boot, var context, var stack, .. var warnings] ? new UnpackedLayer(directory, boot, context, stack, warnings) : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            return null;
        }
    }

    private IEnumerable<string> Keys() => !Directory.Exists(paths.Unpacked) ? [] : Directory.EnumerateFileSystemEntries(paths.Unpacked)
        .Select(e => Path.GetFileName(e).Split('-', '.')[0]).ToHashSet(StringComparer.Ordinal);

    private string[] Directories(string key) => Directory.GetDirectories(paths.Unpacked, key + "-*");

    private string LockOf(string key) => Path.Combine(paths.Unpacked, key + LockEnding);

    private static string StackOf(string stack) => LayerStack.Format(LayerStack.Parse(stack));

    /// <summary>Names the content of a policy layer.</summary>
    private static string KeyOf(MountRow row)
    {
        var content = string.Join('\n', StackOf(row.Stack), row.Path, StoredPolicy.Write(row.Policy));
        return Convert.ToHexStringLower(XxHash128.Hash(Encoding.UTF8.GetBytes(content)));
    }

    private sealed record UnpackedLayer(string Directory, string Boot, string ContextId, string Stack, IReadOnlyList<string> Warnings);
}
