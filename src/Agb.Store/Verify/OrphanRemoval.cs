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
            var size = new Size();
            using (var layers = Fd.OpenDirectory(paths.Layers))
            using (var layer = layers.OpenDirectoryAt(BytePath.FromText(id)))
            {
                size.Add(layer);
            }
            TreeRemover.Remove(paths.Layer(id));
            return new AgbStoreOrphan { LayerId = id, Files = size.Files, Bytes = size.Bytes };
        }
        catch (IOException e) when (!Exhaustion.Is(e))
        {
            return new AgbStoreOrphan { LayerId = id, KeptBecause = $"it can't be removed: {e.Message}" };
        }
    }

    /// <summary>Size of the files removed with a layer, without files still linked from other layers.</summary>
    private sealed class Size
    {
        private readonly Dictionary<ulong, uint> _links = [];

        internal long Files { get; private set; }

        internal long Bytes { get; private set; }

        internal void Add(Fd directory)
        {
            foreach (var name in DirectoryReader.Names(directory))
            {
                var stat = directory.StatAt(name);
                if (stat.Kind == EntryKind.Directory)
                {
                    using var child = directory.OpenDirectoryAt(name);
                    Add(child);
                }
                else if (stat.Kind == EntryKind.File)
                {
                    Files++;
                    _links[stat.Ino] = _links.GetValueOrDefault(stat.Ino) + 1;
                    Bytes += _links[stat.Ino] == stat.Nlink ? stat.Size : 0;
                }
            }
        }
    }
}
