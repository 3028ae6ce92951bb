namespace Agb.Store;

/// <summary>Looks for what dead processes and power cuts left, and leaves alone what living ones are at.</summary>
internal sealed class LeftoverCheck(StorePaths paths, CatalogDb catalog, CatalogSnapshot snapshot, Findings found)
{
    private const string MarkerSuffix = ".owner";

    /// <summary>The layers that have a directory.</summary>
    internal static HashSet<string> LayersOnDisk(StorePaths paths) => !Directory.Exists(paths.Layers)
        ? []
        : Directory.EnumerateFileSystemEntries(paths.Layers).Select(d => Path.GetFileName(d)!).ToHashSet(StringComparer.Ordinal);

    internal void Run(IEnumerable<string> onDisk)
    {
        CheckStaging();
        foreach (var id in onDisk.Where(id => !snapshot.Layers.ContainsKey(id)))
        {
            // Its upload may have been recorded meanwhile; the marker goes after that.
            if (!HasMarker(id) && !catalog.Read(tx => VersionTable.HasLayer(tx, id)) && Directory.Exists(paths.Layer(id)))
            {
                found.Add(new AgbStoreProblem
                {
                    Kind = AgbStoreProblemKind.LayerOrphaned, LayerId = id, Path = $"layers/{id}", Expected = "a layer that the catalog has", Found = "one that it has not",
                });
            }
        }
        foreach (var directory in Enumerate(paths.Sessions))
        {
            var id = StorePaths.SessionOf(directory);
            if (!snapshot.Sessions.ContainsKey(id) && FileLock.IsFree(paths.SessionLock(id)) && Directory.Exists(directory)
                && catalog.Read(tx => SessionTable.Find(tx, id)) is not { Status: not AgbSessionStatus.Released })
            {
                found.Add(new AgbStoreProblem
                {
                    Kind = AgbStoreProblemKind.SessionLeftover, SessionId = id, Path = $"sessions/{Path.GetFileName(directory)}", Expected = "a session that the catalog has", Found = "none",
                });
            }
        }
    }

    private void CheckStaging()
    {
        foreach (var entry in Enumerate(paths.Staging))
        {
            var name = Path.GetFileName(entry);
            if (name.EndsWith(MarkerSuffix, StringComparison.Ordinal))
            {
                CheckMarker(entry, name[..^MarkerSuffix.Length]);
            }
            else if (!HasMarker(name) && Path.Exists(entry))
            {
                found.Add(Leftover(name, "a marker that says whose it is", "none"));
            }
        }
    }

    private void CheckMarker(string marker, string layerId)
    {
        if (new FileInfo(marker).LinkTarget is not { } text)
        {
            // Gone meanwhile, or no symlink, which recovery passes over.
            return;
        }
        if (StagingOwner.Parse(text) is not { } owner)
        {
            found.Add(new AgbStoreProblem
            {
                Kind = AgbStoreProblemKind.MarkerDamaged, LayerId = layerId, Path = $"staging/{layerId}{MarkerSuffix}", Expected = "a symlink that says whose the layer is",
                Found = $"'{text}'",
            });
        }
        else if (FileLock.IsFree(owner.LockFile(paths)) && new FileInfo(marker).LinkTarget is not null)
        {
            found.Add(Leftover(layerId, "a living process that makes the layer", "only its marker"));
        }
    }

    private AgbStoreProblem Leftover(string layerId, string expected, string isThere) => new()
    {
        Kind = AgbStoreProblemKind.StagingLeftover, LayerId = layerId, Path = $"staging/{layerId}", Expected = expected, Found = isThere,
    };

    private bool HasMarker(string layerId) => new FileInfo(paths.Marker(layerId)).LinkTarget is not null;

    private static IEnumerable<string> Enumerate(string directory) => Directory.Exists(directory) ? Directory.EnumerateFileSystemEntries(directory) : [];
}
