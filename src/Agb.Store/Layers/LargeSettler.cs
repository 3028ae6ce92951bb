using System.Collections.Concurrent;

namespace Agb.Store;

/// <summary>Brings the large files of a context into their lasting forms: whole in the newest version, deltas in all others, except
/// mounted ones. Any interruption is made up for by the next run.</summary>
internal sealed class LargeSettler(StorePaths paths, CatalogDb catalog)
{
    // Pairs without much in common, not to be compared again.
    private readonly ConcurrentDictionary<(string Id, string Base), bool> _unlike = new();

    /// <summary>Whether the store may have large files.</summary>
    internal bool HasAny => new LargeFiles(paths).HasAny;

    /// <summary>Settles a context.</summary>
    internal void Settle(string contextId, CancellationToken cancellationToken)
    {
        if (HasAny && SettleAll(contextId, cancellationToken) > 0)
        {
            // Deltas may have lost their last use, as bases of others.
            new LargeCollector(paths, catalog).Run();
        }
    }

    private int SettleAll(string contextId, CancellationToken cancellationToken)
    {
        using var head = Snapshot.Open(paths, catalog, contextId);
        var contents = catalog.Read(tx => VersionTable.LayerEntries(tx, contextId).Keys.ToArray())
            .SelectMany(id => LargeIndex.OfLayer(paths, id).Ids).ToLookup(e => e.Key, e => e.Value, StringComparer.Ordinal);
        using var root = contents.Count == 0 ? MergedDirectory.Empty() : head.Open();
        var changes = 0;
        foreach (var file in contents)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var directory = root.OpenPath(BytePath.DirectoryOf(file.Key));
            var name = BytePath.NameOf(file.Key);
            if (directory.Lookup(name) is { Kind: EntryKind.File } && directory.LargeIdOf(name) is { } newest)
            {
                changes += Settle(newest, file, cancellationToken);
            }
        }
        return changes;
    }

    /// <summary>Settles the contents of one path.</summary>
    /// <returns>Number of changes.</returns>
    private int Settle(string newest, IEnumerable<string> contents, CancellationToken cancellationToken)
    {
        var (files, moves, changes) = (new LargeFiles(paths), new LargeMoves(paths), 0);
        if (!files.IsWhole(newest))
        {
            moves.MakeWhole(newest);
            changes++;
        }
        foreach (var old in contents.Distinct(StringComparer.Ordinal).Where(id => id != newest && files.IsWhole(id) && !_unlike.ContainsKey((id, newest))))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (moves.TryShrink(old, newest, cancellationToken))
            {
                changes++;
            }
            else if (!moves.IsInUse(old))
            {
                _unlike[(old, newest)] = true;
            }
        }
        return changes;
    }
}
