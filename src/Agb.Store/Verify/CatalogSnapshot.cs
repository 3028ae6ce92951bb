namespace Agb.Store;

/// <summary>A layer's row.</summary>
internal sealed record LayerRow(string Id, string ContextId, bool IsCondemned);

/// <summary>The part of the catalog compared with the disk, from one consistent state.</summary>
internal sealed class CatalogSnapshot
{
    private readonly Dictionary<string, List<(string ContextId, long Version)>> _users = new(StringComparer.Ordinal);

    private CatalogSnapshot(CatalogTransaction tx)
    {
        Contexts = ContextTable.All(tx).ToDictionary(c => c.Id, StringComparer.Ordinal);
        Versions = [.. Contexts.Keys.SelectMany(id => VersionTable.OfContext(tx, id))];
        Layers = tx.Query("SELECT id, context_id, condemned FROM layers ORDER BY id", r => new LayerRow(r.GetString(0), r.GetString(1), r.GetInt64(2) != 0))
            .ToDictionary(l => l.Id, StringComparer.Ordinal);
        Seals = SealTable.All(tx);
        Sessions = SessionTable.Live(tx).ToDictionary(s => s.Id, StringComparer.Ordinal);
        Mounts = [.. Sessions.Keys.SelectMany(id => MountTable.AllOfSession(tx, id))];
        foreach (var version in Versions)
        {
            foreach (var layer in LayerStack.Parse(version.Stack))
            {
                if (!_users.TryGetValue(layer, out var users))
                {
                    _users[layer] = users = [];
                }
                users.Add((version.ContextId, version.Version));
            }
        }
    }

    internal IReadOnlyDictionary<string, ContextRow> Contexts { get; }

    internal IReadOnlyList<VersionRow> Versions { get; }

    internal IReadOnlyDictionary<string, LayerRow> Layers { get; }

    internal IReadOnlyDictionary<string, LayerSeal> Seals { get; }

    /// <summary>Unreleased sessions.</summary>
    internal IReadOnlyDictionary<string, SessionRow> Sessions { get; }

    internal IReadOnlyList<MountRow> Mounts { get; }

    /// <summary>All layers referenced by a version or a mount.</summary>
    internal IEnumerable<string> NamedLayers =>
        _users.Keys.Concat(Mounts.SelectMany(m => LayerStack.Parse(m.Stack))).Distinct(StringComparer.Ordinal);

    internal static CatalogSnapshot Read(CatalogDb catalog) => catalog.Read(tx => new CatalogSnapshot(tx));

    /// <summary>A problem of a layer, with the affected context and versions.</summary>
    internal AgbStoreProblem Of(string layerId, AgbStoreProblemKind kind, string? path, string expected, string found)
    {
        var users = _users.TryGetValue(layerId, out var known) ? known : [];
        var owner = Layers.GetValueOrDefault(layerId)?.ContextId;
        var contextId = owner is not null && Contexts.ContainsKey(owner) ? owner : users.Select(u => u.ContextId).FirstOrDefault() ?? owner;
        return new AgbStoreProblem
        {
            Kind = kind,
            Context = contextId is null ? null : Contexts.TryGetValue(contextId, out var context) ? context.Name : contextId,
            Versions = [.. users.Where(u => u.ContextId == contextId).Select(u => u.Version).Order()],
            SessionId = users.Count > 0 ? null : Mounts.FirstOrDefault(m => LayerStack.Parse(m.Stack).Contains(layerId))?.SessionId,
            LayerId = layerId,
            Path = path,
            Expected = expected,
            Found = found,
        };
    }
}
