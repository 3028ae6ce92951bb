namespace Agb;

/// <summary>What is wrong in a store.</summary>
public enum AgbStoreProblemKind
{
    /// <summary>The <c>format</c> file is missing, damaged, or names a format that this program does not know.</summary>
    FormatUnknown,

    /// <summary>SQLite's own check of the catalog found damage.</summary>
    CatalogDamaged,

    /// <summary>A row of the catalog belongs to one that does not exist.</summary>
    CatalogReference,

    /// <summary>A context's newest version is not among its versions.</summary>
    HeadWrong,

    /// <summary>A version or a mount names a layer that the catalog does not have.</summary>
    LayerUnknown,

    /// <summary>A layer that the catalog has is not on disk.</summary>
    LayerMissing,

    /// <summary>A layer's file of sums is not there.</summary>
    SumsMissing,

    /// <summary>A layer's file of sums is damaged, or not the one that the catalog knows.</summary>
    SumsDamaged,

    /// <summary>The record of when the entries of a merged layer were stored is damaged.</summary>
    TimesDamaged,

    /// <summary>An entry of a layer is gone.</summary>
    EntryMissing,

    /// <summary>A layer has an entry that it was not made with.</summary>
    EntryUnexpected,

    /// <summary>An entry's kind, mode, time, size, target or attributes are not those that it was stored with.</summary>
    EntryChanged,

    /// <summary>A file's content or attributes are not those that it was stored with. Found by a deep check.</summary>
    ContentChanged,

    /// <summary>An entry can't be read.</summary>
    EntryUnreadable,

    /// <summary>A layer is on disk that the catalog does not have.</summary>
    LayerOrphaned,

    /// <summary>The catalog has a layer of a context that does not exist.</summary>
    LayerOwnerless,

    /// <summary>A process died and left a layer that it was making.</summary>
    StagingLeftover,

    /// <summary>A marker in staging says nothing that has a meaning, and so keeps the engine from starting.</summary>
    MarkerDamaged,

    /// <summary>A directory of a session that the catalog does not have.</summary>
    SessionLeftover,

    /// <summary>What a session changed is not where it should be.</summary>
    SessionTreeMissing,

    /// <summary>A session's record of its last upload is missing or damaged.</summary>
    SessionRecordDamaged,
}

/// <summary>One thing that is wrong in a store.</summary>
public sealed record AgbStoreProblem
{
    /// <summary>What is wrong.</summary>
    public required AgbStoreProblemKind Kind { get; init; }

    /// <summary>The name of the context, if it is about one.</summary>
    public string? Context { get; init; }

    /// <summary>The versions that are affected.</summary>
    public IReadOnlyList<long> Versions { get; init; } = [];

    /// <summary>The layer's id.</summary>
    public string? LayerId { get; init; }

    /// <summary>The session's id.</summary>
    public string? SessionId { get; init; }

    /// <summary>The path in the context, or a file of the store.</summary>
    public string? Path { get; init; }

    /// <summary>What should be there.</summary>
    public required string Expected { get; init; }

    /// <summary>What is there.</summary>
    public required string Found { get; init; }

    /// <summary>Whether it was put right.</summary>
    public bool IsRepaired { get; init; }

    /// <summary>All of it in one line.</summary>
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
                // One run of neighbours.
            }
            parts.Add(i - first == 1 ? $"{versions[first]}" : $"{versions[first]}-{versions[i - 1]}");
        }
        return string.Join(", ", parts);
    }
}

/// <summary>What became of a layer that the catalog does not have.</summary>
public sealed record AgbStoreOrphan
{
    /// <summary>The layer's id.</summary>
    public required string LayerId { get; init; }

    /// <summary>Why it was not removed; null when it was.</summary>
    public string? KeptBecause { get; init; }

    /// <summary>How many files were removed with it.</summary>
    public long Files { get; init; }

    /// <summary>The bytes of content that went with them; files that other layers link to are still there.</summary>
    public long Bytes { get; init; }
}

/// <summary>What a check of a store found.</summary>
public sealed record AgbStoreReport
{
    /// <summary>The store's directory.</summary>
    public required string HomeDirectory { get; init; }

    /// <summary>All problems, also those that were repaired.</summary>
    public required IReadOnlyList<AgbStoreProblem> Problems { get; init; }

    /// <summary>The layers that were to be removed by <see cref="AgbStoreCheckOptions.RemoveOrphans"/>.</summary>
    public IReadOnlyList<AgbStoreOrphan> Orphans { get; init; } = [];

    /// <summary>Contexts in the catalog.</summary>
    public long Contexts { get; init; }

    /// <summary>Versions in the catalog.</summary>
    public long Versions { get; init; }

    /// <summary>Layers that were looked at.</summary>
    public long Layers { get; init; }

    /// <summary>Entries that were looked at.</summary>
    public long Entries { get; init; }

    /// <summary>Bytes of content that were read.</summary>
    public long BytesRead { get; init; }

    /// <summary>Layers of which nothing was known to compare with: older programs made them.</summary>
    public long LayersWithoutSums { get; init; }

    /// <summary>Files of which no hash was known to compare with; a deep check has taken it now.</summary>
    public long FilesWithoutHash { get; init; }

    /// <summary>Whether nothing is wrong, or nothing any more.</summary>
    public bool IsSound => Problems.All(p => p.IsRepaired);
}

/// <summary>How a store is checked.</summary>
public sealed record AgbStoreCheckOptions
{
    /// <summary>Read all content too and compare it with the hashes taken when it was stored. Where there are none yet, they are
    /// taken and kept for the next time: the one thing that a check without <see cref="Repair"/> adds to a store.</summary>
    public bool Deep { get; init; }

    /// <summary>Put right what can be put right without loss.</summary>
    public bool Repair { get; init; }

    /// <summary>Remove layers that the catalog does not have, whole ones too: their data is given up. Kept are those that an operation may
    /// be making, younger ones than an hour, and all where something else is missing.</summary>
    public bool RemoveOrphans { get; init; }
}
