namespace Agb.Engine;

/// <summary>Contexts of the embedded service.</summary>
internal sealed class ContextOperations(EngineParts parts)
{
    private const int MaxPaths = 100;

    internal AgbContext Create(string name, bool getExisting)
    {
        var valid = RequestRules.ContextName(name);
        var row = parts.Catalog.Write(tx =>
        {
            if (ContextTable.ByName(tx, valid) is { } existing)
            {
                return getExisting ? existing : throw AgbErrors.ContextAlreadyExists(valid);
            }
            RequireNoId(tx, valid);
            var now = parts.Time.GetUtcNow();
            var created = new ContextRow("SdkCtx-" + RandomId.New(), valid, AgbContextState.Available, now, now, 0);
            ContextTable.Insert(tx, created);
            // Read back, because the catalog's times are coarser than the clock's.
            return ContextTable.ById(tx, created.Id) ?? created;
        });
        return ToContext(row);
    }

    internal AgbContext Get(string contextId) => ToContext(parts.Catalog.Read(tx => Require(tx, contextId)));

    internal AgbContext Find(string idOrName) => ToContext(parts.Catalog.Read(tx => Find(tx, idOrName)));

    internal IEnumerable<AgbContext> List() => parts.Catalog.Read(ContextTable.All).Select(ToContext);

    internal AgbContextPage ListPage(string? after, int most)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        // Names are never empty, so "" comes before the first.
        var (rows, total) = parts.Catalog.Read(tx => (ContextTable.After(tx, after ?? "", most == int.MaxValue ? most : most + 1), ContextTable.Count(tx)));
        return new AgbContextPage([.. rows.Take(most).Select(ToContext)], rows.Count > most, total);
    }

    internal AgbContext Rename(string contextId, string newName)
    {
        var valid = RequestRules.ContextName(newName);
        return ToContext(parts.Catalog.Write(tx =>
        {
            var row = Require(tx, contextId);
            if (ContextTable.ByName(tx, valid) is { } other && other.Id != row.Id)
            {
                throw AgbErrors.ContextAlreadyExists(valid);
            }
            RequireNoId(tx, valid, row.Id);
            ContextTable.Rename(tx, row.Id, valid);
            return row with { Name = valid };
        }));
    }

    internal void Remove(string contextId)
    {
        var id = parts.Catalog.Write(tx =>
        {
            var row = Require(tx, contextId);
            var sessions = MountTable.SessionsOf(tx, row.Id);
            if (sessions.Count > 0)
            {
                throw new AgbException(
                    AgbErrorIds.ContextInUse, AgbErrorKind.InvalidState,
                    $"The context '{row.Name}' is mounted by {sessions.Count} session(s): {string.Join(", ", sessions.Take(5))}.",
                    target: row.Name) { Advice = AgbAdvice.ReleaseSessions };
            }
            LayerGc.CondemnAll(tx, row.Id);
            ContextTable.Delete(tx, row.Id);
            return row.Id;
        });
        parts.LayerGc.Unsettle(id);
        parts.LayerGc.RemoveCondemned();
    }

    internal IReadOnlyList<string> Paths(string contextId)
    {
        using var head = Snapshot.Open(parts.Paths, parts.Catalog, contextId);
        var origins = parts.Catalog.Read(tx => ContextTable.Origins(tx, contextId));
        var withData = new List<string>();
        foreach (var origin in origins)
        {
            // Sorted, so a parent comes before its subdirectories. A reserved parent can't be mounted, so they are listed too.
            if (withData.Any(above => !LinuxPath.IsReserved(above) && LinuxPath.IsAtOrBelow(origin, above)))
            {
                continue;
            }
            using var view = head.Open(BytePath.FromText(origin));
            if (new MergedListing().Of(view).Any())
            {
                withData.Add(origin);
            }
            if (withData.Count == MaxPaths)
            {
                break;
            }
        }
        return withData;
    }

    internal IEnumerable<AgbContextVersion> Versions(string contextId) => parts.Catalog
        .Read(tx => VersionTable.OfContext(tx, Require(tx, contextId).Id))
        .Select(ToVersion);

    internal AgbContextVersion ToVersion(VersionRow row) => new()
    {
        Service = parts.Service,
        ContextId = row.ContextId,
        Version = row.Version,
        CreatedAt = row.CreatedAt,
        Origin = row.Origin,
        SessionId = row.SessionId,
        FilesAdded = row.FilesAdded,
        FilesChanged = row.FilesChanged,
        FilesDeleted = row.FilesDeleted,
        Bytes = row.Bytes,
        BytesRemoved = row.BytesRemoved,
    };

    /// <summary>The context with an id or name. All other look-ups take ids alone.</summary>
    /// <exception cref="AgbException">ContextNotFound.</exception>
    internal static ContextRow Find(CatalogTransaction tx, string idOrName) =>
        ContextTable.ById(tx, idOrName) ?? ContextTable.ByName(tx, idOrName.Trim()) ?? throw AgbErrors.ContextNotFound(idOrName);

    /// <summary>The context with an id.</summary>
    /// <exception cref="AgbException">ContextNotFound.</exception>
    internal static ContextRow Require(CatalogTransaction tx, string contextId) =>
        ContextTable.ById(tx, contextId) ?? throw AgbErrors.ContextNotFound(contextId);

    /// <summary>Refuses a name that would hide a context: an id is looked up before a name.</summary>
    private static void RequireNoId(CatalogTransaction tx, string name, string? ownId = null)
    {
        if (name != ownId && ContextTable.ById(tx, name) is { } other)
        {
            throw AgbErrors.Invalid(
                AgbErrorIds.InvalidContextName, $"'{name}' can't be the name of a context: it is the id of the context '{other.Name}'.",
                "Choose another name.", name);
        }
    }

    private AgbContext ToContext(ContextRow row)
    {
        if (row.State == AgbContextState.Clearing)
        {
            // The process in charge of the clearing may have died.
            parts.Clearer.Begin(row.Id);
        }
        return new AgbContext
        {
            Service = parts.Service,
            Id = row.Id,
            Name = row.Name,
            State = row.State,
            CreatedAt = row.CreatedAt,
            LastUsedAt = row.LastUsedAt,
        };
    }
}
