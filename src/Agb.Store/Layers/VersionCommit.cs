namespace Agb.Store;

/// <summary>The one writer of versions. A version becomes its context's head in the transaction of its layer. The caller holds
/// the context's lock.</summary>
internal static class VersionCommit
{
    /// <summary>Appends a version.</summary>
    /// <param name="tx">The transaction.</param>
    /// <param name="version">The version; its number is ignored.</param>
    /// <returns>The row as later readers see it: the catalog's times are coarser than the clock's.</returns>
    /// <exception cref="AgbException">ContextNotFound.</exception>
    internal static VersionRow Append(CatalogTransaction tx, VersionRow version)
    {
        var context = ContextTable.ById(tx, version.ContextId) ?? throw AgbErrors.ContextNotFound(version.ContextId);
        var row = version with { Version = context.Head + 1 };
        VersionTable.Insert(tx, row);
        ContextTable.SetHead(tx, row.ContextId, row.Version);
        if (row.Origin != AgbVersionOrigin.Recycle)
        {
            // An expiry is no use of the context.
            ContextTable.Touch(tx, row.ContextId, row.CreatedAt);
        }

        return VersionTable.Find(tx, row.ContextId, row.Version) ?? row;
    }

    /// <summary>Appends a version with a new layer on top of the head.</summary>
    /// <param name="tx">The transaction.</param>
    /// <param name="version">The version; its number and stack are ignored.</param>
    /// <param name="layer">The layer, durably in its place.</param>
    /// <param name="entries">Number of the layer's entries.</param>
    /// <param name="hasLinks">Whether the layer may have hard links.</param>
    /// <returns>The row as later readers see it.</returns>
    /// <exception cref="AgbException">ContextNotFound.</exception>
    internal static VersionRow Append(CatalogTransaction tx, VersionRow version, StagedLayer layer, long entries, bool hasLinks = false)
    {
        var head = LayerStack.Parse(VersionTable.HeadStack(tx, version.ContextId));
        Add(tx, layer, new NewLayer
        {
            Id = layer.Id, ContextId = version.ContextId, CreatedAt = version.CreatedAt, StoredAt = version.CreatedAt, Entries = entries, HasLinks = hasLinks,
        });
        return Append(tx, version with { Stack = LayerStack.Format([layer.Id, .. head]) });
    }

    /// <summary>Replaces layers of the head by an equivalent one.</summary>
    /// <param name="tx">The transaction.</param>
    /// <param name="layer">The layer, durably in its place.</param>
    /// <param name="row">Its row.</param>
    /// <param name="stack">The head's layers with the new one.</param>
    /// <exception cref="AgbException">ContextNotFound.</exception>
    internal static void Replace(CatalogTransaction tx, StagedLayer layer, NewLayer row, IEnumerable<string> stack)
    {
        var context = ContextTable.ById(tx, row.ContextId) ?? throw AgbErrors.ContextNotFound(row.ContextId);
        Add(tx, layer, row);
        VersionTable.SetStack(tx, row.ContextId, context.Head, LayerStack.Format(stack));
    }

    private static void Add(CatalogTransaction tx, StagedLayer layer, NewLayer row)
    {
        VersionTable.InsertLayer(tx, row);
        SealTable.Put(tx, layer.Id, layer.Seal);
    }
}
