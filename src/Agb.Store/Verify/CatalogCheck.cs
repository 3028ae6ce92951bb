namespace Agb.Store;

/// <summary>Checks the catalog in itself, before other checks rely on its rows.</summary>
internal static class CatalogCheck
{
    private const int MaxLines = 50;

    /// <summary>Checks format, schema and pages.</summary>
    /// <returns>Whether further checks are possible.</returns>
    internal static bool CanBeRead(StorePaths paths, Findings found)
    {
        if (!File.Exists(paths.Catalog))
        {
            found.Add(Findings.Of(AgbStoreProblemKind.CatalogDamaged, "catalog.db", "the catalog", "no such file"));
            return false;
        }
        return HasKnownFormat(paths, found) & IsSound(paths, found);
    }

    private static bool HasKnownFormat(StorePaths paths, Findings found)
    {
        try
        {
            StoreFormat.Require(paths);
            return true;
        }
        catch (AgbException e) when (e.ErrorId is AgbErrorIds.StoreCorrupt or AgbErrorIds.StoreFormatTooNew)
        {
            found.Add(Findings.Of(AgbStoreProblemKind.FormatUnknown, "format", $"agb-store, version {StoreFormat.Version} at most", e.Message));
            return false;
        }
    }

    private static bool IsSound(StorePaths paths, Findings found)
    {
        try
        {
            using var connection = Open(paths);
            var rows = new CatalogTransaction(connection, null);
            var version = rows.First("PRAGMA user_version", r => r.GetInt64(0));
            if (version > CatalogSchema.Version)
            {
                found.Add(Findings.Of(AgbStoreProblemKind.FormatUnknown, "catalog.db", $"schema version {CatalogSchema.Version} at most", $"version {version}"));
                return false;
            }
            var lines = rows.Query($"PRAGMA integrity_check({MaxLines})", r => r.GetString(0));
            foreach (var line in lines.Where(l => l != "ok"))
            {
                found.Add(Damaged(line));
            }
            foreach (var row in rows.Query("PRAGMA foreign_key_check", r => $"a row of '{r.GetString(0)}' without its row of '{r.GetString(2)}'").Distinct())
            {
                found.Add(Findings.Of(AgbStoreProblemKind.CatalogReference, "catalog.db", "rows with existing parent rows", row));
            }
            return lines is ["ok"];
        }
        catch (SqliteException e) when (e.SqliteErrorCode is 1 or 11 or 26)
        {
            // SQLITE_ERROR of an invalid schema, SQLITE_CORRUPT, SQLITE_NOTADB (sqlite.org/rescode.html).
            found.Add(Damaged(e.Message));
            return false;
        }
        catch (SqliteException e)
        {
            throw CatalogDb.Translate(paths.Catalog, e);
        }
    }

    private static SqliteConnection Open(StorePaths paths)
    {
        if (paths.IsReadOnly)
        {
            // Page by page, so damage is copied too.
            return ReadOnlyCatalog.Copy(paths.Catalog, "Data Source=:memory:;Pooling=False");
        }
        return CatalogDb.Connect(new SqliteConnectionStringBuilder { DataSource = paths.Catalog, Mode = SqliteOpenMode.ReadWrite, Pooling = false }.ToString());
    }

    private static AgbStoreProblem Damaged(string found) =>
        Findings.Of(AgbStoreProblemKind.CatalogDamaged, "catalog.db", "a sound database", found);
}
