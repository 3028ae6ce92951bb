namespace Agb.Store;

/// <summary>Collects the findings of a check.</summary>
internal sealed class Findings
{
    private static readonly AgbStoreProblemKind[] s_losses =
    [
        AgbStoreProblemKind.LayerUnknown, AgbStoreProblemKind.LayerMissing, AgbStoreProblemKind.HeadWrong, AgbStoreProblemKind.CatalogReference,
        AgbStoreProblemKind.CatalogDamaged, AgbStoreProblemKind.FormatUnknown, AgbStoreProblemKind.SessionTreeMissing,
        AgbStoreProblemKind.EntryMissing, AgbStoreProblemKind.EntryUnreadable, AgbStoreProblemKind.SessionRecordDamaged,
    ];

    private readonly List<AgbStoreProblem> _problems = [];
    private readonly List<AgbStoreOrphan> _orphans = [];

    internal IReadOnlyList<AgbStoreProblem> Problems => _problems;

    internal IReadOnlyList<AgbStoreOrphan> Orphans => _orphans;

    /// <summary>Whether data is missing or unreadable: a leftover may be that data.</summary>
    internal bool HasLosses => _problems.Any(p => s_losses.Contains(p.Kind) || p.Kind == AgbStoreProblemKind.MarkerDamaged);

    internal long Contexts { get; set; }

    internal long Versions { get; set; }

    internal long Layers { get; set; }

    internal long Entries { get; set; }

    internal long BytesRead { get; set; }

    internal long LayersWithoutSums { get; set; }

    internal long FilesWithoutHash { get; set; }

    /// <summary>A problem outside of layers.</summary>
    internal static AgbStoreProblem Of(AgbStoreProblemKind kind, string? path, string expected, string found) =>
        new() { Kind = kind, Path = path, Expected = expected, Found = found };

    internal void Add(AgbStoreProblem problem) => _problems.Add(problem);

    internal void Add(AgbStoreOrphan orphan) => _orphans.Add(orphan);

    /// <summary>Marks problems as repaired.</summary>
    internal void Repaired(Predicate<AgbStoreProblem> which)
    {
        for (var i = 0; i < _problems.Count; i++)
        {
            if (which(_problems[i]))
            {
                _problems[i] = _problems[i] with { IsRepaired = true };
            }
        }
    }

    internal AgbStoreReport ToReport(string home) => new()
    {
        HomeDirectory = home,
        Problems = [.. _problems],
        Orphans = [.. _orphans],
        Contexts = Contexts,
        Versions = Versions,
        Layers = Layers,
        Entries = Entries,
        BytesRead = BytesRead,
        LayersWithoutSums = LayersWithoutSums,
        FilesWithoutHash = FilesWithoutHash,
    };
}
