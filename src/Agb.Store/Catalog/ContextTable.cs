namespace Agb.Store;

/// <summary>A context's row.</summary>
internal sealed record ContextRow(
    string Id, string Name, AgbContextState State, DateTimeOffset CreatedAt, DateTimeOffset LastUsedAt, long Head);

/// <summary>Contexts, their versions and layers in the catalog.</summary>
internal static class ContextTable
{
    private const string Columns = "id, name, state, created_at, last_used_at, head";

    internal static void Insert(CatalogTransaction tx, ContextRow row) => tx.Execute(
        "INSERT INTO contexts (id, name, state, created_at, last_used_at) VALUES ($id, $name, $state, $created, $used)",
        ("$id", row.Id), ("$name", row.Name), ("$state", row.State.ToString()), ("$created", row.CreatedAt), ("$used", row.LastUsedAt));

    internal static ContextRow? ById(CatalogTransaction tx, string id) =>
        tx.First($"SELECT {Columns} FROM contexts WHERE id = $id", Map, ("$id", id));

    internal static ContextRow? ByName(CatalogTransaction tx, string name) =>
        tx.First($"SELECT {Columns} FROM contexts WHERE name = $name", Map, ("$name", name));

    internal static List<ContextRow> All(CatalogTransaction tx) =>
        tx.Query($"SELECT {Columns} FROM contexts ORDER BY name", Map);

    /// <summary>The contexts after a name, by name.</summary>
    internal static List<ContextRow> After(CatalogTransaction tx, string name, int most) => tx.Query(
        $"SELECT {Columns} FROM contexts WHERE name > $name ORDER BY name LIMIT $most", Map, ("$name", name), ("$most", most));

    internal static long Count(CatalogTransaction tx) => tx.First("SELECT count(*) FROM contexts", r => r.GetInt64(0));

    internal static void Touch(CatalogTransaction tx, string id, DateTimeOffset now) =>
        tx.Execute("UPDATE contexts SET last_used_at = $now WHERE id = $id", ("$now", now), ("$id", id));

    internal static void SetHead(CatalogTransaction tx, string id, long version) =>
        tx.Execute("UPDATE contexts SET head = $head WHERE id = $id", ("$head", version), ("$id", id));

    internal static void Rename(CatalogTransaction tx, string id, string name) =>
        tx.Execute("UPDATE contexts SET name = $name WHERE id = $id", ("$name", name), ("$id", id));

    internal static void SetState(CatalogTransaction tx, string id, AgbContextState state) =>
        tx.Execute("UPDATE contexts SET state = $state WHERE id = $id", ("$state", state.ToString()), ("$id", id));

    internal static void Delete(CatalogTransaction tx, string id) =>
        tx.Execute("DELETE FROM contexts WHERE id = $id", ("$id", id));

    internal static void AddOrigin(CatalogTransaction tx, string id, string path) => tx.Execute(
        "INSERT INTO origins (context_id, path) VALUES ($id, $path) ON CONFLICT DO NOTHING", ("$id", id), ("$path", path));

    internal static List<string> Origins(CatalogTransaction tx, string id) =>
        tx.Query("SELECT path FROM origins WHERE context_id = $id ORDER BY path", r => r.GetString(0), ("$id", id));

    private static ContextRow Map(SqliteDataReader r) => new(
        r.GetString(0), r.GetString(1), Enum.Parse<AgbContextState>(r.GetString(2)),
        CatalogTransaction.Time(r, 3), CatalogTransaction.Time(r, 4), r.GetInt64(5));
}
