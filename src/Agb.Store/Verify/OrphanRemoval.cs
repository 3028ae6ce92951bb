using System.Globalization;

namespace Agb.Store;

/// <summary>Deletes layers missing from the catalog, complete ones too: the user asked for it. Exclusive, by the lock shared
/// among readers of layers without a mount.</summary>
internal sealed class OrphanRemoval(StorePaths paths, CatalogDb catalog, Findings found)
{
    /// <summary>Least age of a removable layer, far longer than any gap between its directory and its row: other programs may
    /// mark layers in progress differently.</summary>
    internal static readonly TimeSpan LeastAge = TimeSpan.FromHours(1);

    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        string[] orphans = [.. found.Problems.Where(p => p is { Kind: AgbStoreProblemKind.LayerOrphaned, IsRepaired: false }).Select(p => p.LayerId!)];
        if (orphans.Length == 0)
        {
            return;
        }
        using var alone = await FileLock.AcquireAsync(paths.CollectionLock, TimeProvider.System, cancellationToken).ConfigureAwait(false);
        foreach (var id in orphans)
        {
            cancellationToken.ThrowIfCancellationRequested();
            found.Add(WhyNot(id) is { } reason ? new AgbStoreOrphan { LayerId = id, KeptBecause = reason } : Remove(id));
        }
        found.Repaired(p => p.Kind == AgbStoreProblemKind.LayerOrphaned && found.Orphans.Any(o => o.LayerId == p.LayerId && o.KeptBecause is null));
    }

    private string? WhyNot(string id)
    {
        if (found.HasLosses)
        {
            return "another part of the store is missing or unreadable, and this layer may be that part";
        }
        // In this order: a layer is recorded before its marker is removed.
        if (new FileInfo(paths.Marker(id)).LinkTarget is not null || Path.Exists(paths.Marker(id)) || Path.Exists(paths.Staged(id)))
        {
            return "an operation is making it";
        }
        if (catalog.Read(tx => VersionTable.HasLayer(tx, id) || VersionTable.Named(tx).Contains(id)))
        {
            return "the catalog names it by now";
        }
        var changed = new DirectoryInfo(paths.Layer(id)).LastWriteTimeUtc;
        return TimeProvider.System.GetUtcNow() - changed < LeastAge
            ? string.Create(CultureInfo.InvariantCulture, $"it was made less than {LeastAge.TotalMinutes:0} minutes ago, at {changed:u}")
            : null;
    }

    private AgbStoreOrphan Remove(string id)
    {
        try
        {
            using var layers = Fd.OpenDirectory(paths.Layers);
            using var layer = layers.OpenDirectoryAt(BytePath.FromText(id));
            var (files, bytes) = SizeOf(layer);
            TreeRemover.Remove(paths.Layer(id));
            return new AgbStoreOrphan { LayerId = id, Files = files, Bytes = bytes };
        }
        catch (IOException e) when (!Exhaustion.Is(e))
        {
            return new AgbStoreOrphan { LayerId = id, KeptBecause = $"it can't be removed: {e.Message}" };
        }
    }

    /// <summary>Size of the files removed with a layer, without files still linked from other layers.</summary>
    private static (long Files, long Bytes) SizeOf(Fd layer)
    {
        var links = new Dictionary<ulong, uint>();
        var (files, bytes) = (0L, 0L);
        new TreeWalker
        {
            Visit = (directory, name, _) =>
            {
                if (directory.StatAt(name) is { Kind: EntryKind.File } stat)
                {
                    files++;
                    links[stat.Ino] = links.GetValueOrDefault(stat.Ino) + 1;
                    bytes += links[stat.Ino] == stat.Nlink ? stat.Size : 0;
                }
            },
        }.Walk(layer);
        return (files, bytes);
    }
}
