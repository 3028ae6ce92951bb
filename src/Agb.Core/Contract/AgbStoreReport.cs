namespace Agb;

/// <summary>Kind of a problem in a store.</summary>
public enum AgbStoreProblemKind
{
    /// <summary>The <c>format</c> file is missing or damaged, or names an unknown format.</summary>
    FormatUnknown,

    /// <summary>SQLite's integrity check found damage in the catalog.</summary>
    CatalogDamaged,

    /// <summary>A row of the catalog refers to a missing row.</summary>
    CatalogReference,

    /// <summary>A context's newest version is not among its versions.</summary>
    HeadWrong,

    /// <summary>A version or a mount refers to a layer missing in the catalog.</summary>
    LayerUnknown,

    /// <summary>A layer of the catalog is missing on disk.</summary>
    LayerMissing,

    /// <summary>A layer's checksum file is missing.</summary>
    SumsMissing,

    /// <summary>A layer's checksum file is damaged, or differs from the catalog's record.</summary>
    SumsDamaged,

    /// <summary>The record of the storage times of a merged layer's entries is damaged.</summary>
    TimesDamaged,

    /// <summary>An entry of a layer is missing.</summary>
    EntryMissing,

    /// <summary>A layer has an entry added after its creation.</summary>
    EntryUnexpected,

    /// <summary>An entry's kind, mode, time, size, target or attributes have changed since it was stored.</summary>
    EntryChanged,

    /// <summary>A file's content or attributes have changed since it was stored. Found by a deep check.</summary>
    ContentChanged,

    /// <summary>An entry can't be read.</summary>
    EntryUnreadable,

    /// <summary>A layer on disk is missing in the catalog.</summary>
    LayerOrphaned,

    /// <summary>A layer in the catalog belongs to a missing context.</summary>
    LayerOwnerless,

    /// <summary>A dead process left an unfinished layer.</summary>
    StagingLeftover,

    /// <summary>A marker in staging is invalid, and blocks the start of the engine.</summary>
    MarkerDamaged,

    /// <summary>A session directory on disk is missing in the catalog.</summary>
    SessionLeftover,

    /// <summary>A session's tree of changes is missing.</summary>
    SessionTreeMissing,

    /// <summary>A session's record of its last upload is missing or damaged.</summary>
    SessionRecordDamaged,
}

/// <summary>One problem in a store.</summary>
public sealed record AgbStoreProblem
{
    /// <summary>The kind of the problem.</summary>
    public required AgbStoreProblemKind Kind { get; init; }

    /// <summary>The name of the affected context, if any.</summary>
    public string? Context { get; init; }

    /// <summary>The affected versions.</summary>
    public IReadOnlyList<long> Versions { get; init => field = Indexable.List(value); } = Indexable.List<long>([]);

    /// <summary>The layer's id.</summary>
    public string? LayerId { get; init; }

    /// <summary>The session's id.</summary>
    public string? SessionId { get; init; }

    /// <summary>The path in the context, or a file of the store.</summary>
    public string? Path { get; init; }

    /// <summary>The expected state.</summary>
    public required string Expected { get; init; }

    /// <summary>The actual state.</summary>
    public required string Found { get; init; }

    /// <summary>Whether the problem was repaired.</summary>
    public bool IsRepaired { get; init; }

    /// <summary>The problem in one line.</summary>
    public override string ToString()
    {
        var where = new List<string>();
        if (Context is not null)
        {
            where.Add($"context '{Context}'");
        }
        if (Versions.Count > 0)
        {
            where.Add((Versions.Count == 1 ? "version " : "versions ") + Ranges(Versions));
        }
        if (SessionId is not null)
        {
            where.Add($"session {SessionId}");
        }
        if (LayerId is not null)
        {
            where.Add($"layer {LayerId}");
        }
        if (Path is not null)
        {
            where.Add(Path);
        }
        return $"{Kind}: {string.Join(", ", where)}{(where.Count > 0 ? ": " : "")}expected {Expected}; found {Found}";
    }

    private static string Ranges(IReadOnlyList<long> versions)
    {
        var parts = new List<string>();
        for (var i = 0; i < versions.Count;)
        {
            var first = i;
            while (++i < versions.Count && versions[i] == versions[i - 1] + 1)
            {
                // One run of consecutive versions.
            }
            parts.Add(i - first == 1 ? $"{versions[first]}" : $"{versions[first]}-{versions[i - 1]}");
        }
        return string.Join(", ", parts);
    }
}

/// <summary>Result of the removal of an orphaned layer.</summary>
public sealed record AgbStoreOrphan
{
    /// <summary>The layer's id.</summary>
    public required string LayerId { get; init; }

    /// <summary>The reason why the layer was kept; null if it was removed.</summary>
    public string? KeptBecause { get; init; }

    /// <summary>The number of files removed with the layer.</summary>
    public long Files { get; init; }

    /// <summary>The bytes of content removed with them, without files linked from other layers.</summary>
    public long Bytes { get; init; }
}

/// <summary>Result of a store check.</summary>
public sealed record AgbStoreReport
{
    /// <summary>The store's directory.</summary>
    public required string HomeDirectory { get; init; }

    /// <summary>All problems, including repaired ones.</summary>
    public required IReadOnlyList<AgbStoreProblem> Problems { get; init => field = Indexable.List(value); }

    /// <summary>The layers selected for removal by <see cref="AgbStoreCheckOptions.RemoveOrphans"/>.</summary>
    public IReadOnlyList<AgbStoreOrphan> Orphans { get; init => field = Indexable.List(value); } = Indexable.List<AgbStoreOrphan>([]);

    /// <summary>Contexts in the catalog.</summary>
    public long Contexts { get; init; }

    /// <summary>Versions in the catalog.</summary>
    public long Versions { get; init; }

    /// <summary>Checked layers.</summary>
    public long Layers { get; init; }

    /// <summary>Checked entries.</summary>
    public long Entries { get; init; }

    /// <summary>Bytes of content read.</summary>
    public long BytesRead { get; init; }

    /// <summary>Layers without checksums, made by older programs.</summary>
    public long LayersWithoutSums { get; init; }

    /// <summary>Files without a hash; a deep check has recorded it now.</summary>
    public long FilesWithoutHash { get; init; }

    /// <summary>Whether there are no problems left.</summary>
    public bool IsSound => Problems.All(p => p.IsRepaired);
}

/// <summary>Options of a store check.</summary>
public sealed record AgbStoreCheckOptions
{
    /// <summary>Also read all content and compare it with the stored hashes. Missing hashes are recorded for the next check: the
    /// only change to a store by a check without <see cref="Repair"/>.</summary>
    public bool Deep { get; init; }

    /// <summary>Repair problems that need no loss of data.</summary>
    public bool Repair { get; init; }

    /// <summary>Remove orphaned layers, complete ones too: their data is lost. Kept are layers possibly in use by an operation,
    /// layers younger than one hour, and all layers of a store with other losses.</summary>
    public bool RemoveOrphans { get; init; }
}
