namespace Agb.Store;

/// <summary>Finds remains of dead processes and power cuts, and ignores the work of living processes.</summary>
internal sealed class LeftoverCheck(StorePaths paths, CatalogDb catalog, CatalogSnapshot snapshot, Findings found)
{
    private const string MarkerSuffix = ".owner";

    /// <summary>Layers with a directory on disk.</summary>
    internal static HashSet<string> LayersOnDisk(StorePaths paths) => !Directory.Exists(paths.Layers)
        ? []
        : Directory.EnumerateFileSystemEntries(paths.Layers).Select(d => Path.GetFileName(d)!).ToHashSet(StringComparer.Ordinal);

    internal void Run(IEnumerable<string> onDisk)
    {
        CheckStaging();
        foreach (var name in new UnpackedLayers(paths, catalog, TimeProvider.System).Unfinished())
        {
            found.Add(Findings.Of(AgbStoreProblemKind.StagingLeftover, $"unpacked/{name}", "unpacked archives, or a living process at work on them", "neither"));
        }
        CheckForks();
        foreach (var id in onDisk.Where(id => !snapshot.Layers.ContainsKey(id)))
        {
            // The upload may have been recorded meanwhile; its marker is removed after that.
            if (!HasMarker(id) && !catalog.Read(tx => VersionTable.HasLayer(tx, id)) && Directory.Exists(paths.Layer(id)))
            {
                found.Add(Findings.Of(AgbStoreProblemKind.LayerOrphaned, $"layers/{id}", "a layer of the catalog", "an unrecorded layer") with { LayerId = id });
            }
        }
        foreach (var directory in Enumerate(paths.Sessions))
        {
            var id = StorePaths.SessionOf(directory);
            if (!snapshot.Sessions.ContainsKey(id) && FileLock.IsFree(paths.SessionLock(id)) && Directory.Exists(directory)
                && catalog.Read(tx => SessionTable.Find(tx, id)) is not { Status: not AgbSessionStatus.Released })
            {
                found.Add(Findings.Of(AgbStoreProblemKind.SessionLeftover, $"sessions/{Path.GetFileName(directory)}", "a session of the catalog", "none") with { SessionId = id });
            }
        }
    }

    private void CheckForks()
    {
        foreach (var id in ForkLayers.Unused(paths, catalog))
        {
            // Forks in the making have no session yet.
            if (FileLock.IsFree(paths.ForksLock) && Directory.Exists(paths.Fork(id)) && ForkLayers.Unused(paths, catalog).Contains(id))
            {
                found.Add(Findings.Of(AgbStoreProblemKind.SessionLeftover, $"forks/{id}", "a session over this fork layer", "none") with { LayerId = id });
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
                found.Add(Leftover(name, "an owner marker", "none"));
            }
        }
    }

    private void CheckMarker(string marker, string layerId)
    {
        if (new FileInfo(marker).LinkTarget is not { } text)
        {
            // Removed meanwhile, or no symlink: recovery ignores it.
            return;
        }
        if (StagingOwner.Parse(text) is not { } owner)
        {
            found.Add(Findings.Of(AgbStoreProblemKind.MarkerDamaged, $"staging/{layerId}{MarkerSuffix}", "a symlink with the layer's owner", $"'{text}'") with { LayerId = layerId });
        }
        else if (FileLock.IsFree(owner.LockFile(paths)) && new FileInfo(marker).LinkTarget is not null)
        {
            found.Add(Leftover(layerId, "a living process at work on the layer", "only its marker"));
        }
    }

    private AgbStoreProblem Leftover(string layerId, string expected, string isThere) =>
        Findings.Of(AgbStoreProblemKind.StagingLeftover, $"staging/{layerId}", expected, isThere) with { LayerId = layerId };

    private bool HasMarker(string layerId) => new FileInfo(paths.Marker(layerId)).LinkTarget is not null;

    private static IEnumerable<string> Enumerate(string directory) => Directory.Exists(directory) ? Directory.EnumerateFileSystemEntries(directory) : [];
}
