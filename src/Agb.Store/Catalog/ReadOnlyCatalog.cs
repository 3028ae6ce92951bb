namespace Agb.Store;

/// <summary>A read-only catalog as a copy in memory: SQLite's WAL mode needs to write even for reads, and an older schema is
/// migrated in the copy. A change of the file, possible from another host or mount, triggers a new copy.</summary>
internal sealed class ReadOnlyCatalog(string file) : IDisposable
{
    private const int MostTries = 5;

    private readonly Lock _gate = new();
    private SqliteConnection? _keeper;
    private (long, DateTime, long, DateTime) _stamp;

    /// <summary>A new connection to the copy.</summary>
    /// <exception cref="SqliteException">The file can't be read.</exception>
    internal SqliteConnection Connect()
    {
        lock (_gate)
        {
            if (_keeper is null || Stamp() != _stamp)
            {
                Load();
            }
            return CatalogDb.Connect(_keeper!.ConnectionString);
        }
    }

    /// <summary>Whether a connection belongs to the current copy.</summary>
    internal bool IsCurrent(SqliteConnection connection)
    {
        lock (_gate)
        {
            return connection.ConnectionString == _keeper?.ConnectionString && Stamp() == _stamp;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _keeper?.Dispose();

    // Without a log beside it, the file has no writer and can be opened without writing anything.
    private static SqliteConnection OpenFile(string file)
    {
        var uri = "file:" + string.Join('/', file.Split('/').Select(Uri.EscapeDataString)) + "?mode=ro";
        var log = new FileInfo(file + "-wal");
        return CatalogDb.Connect(Text(log is { Exists: true, Length: > 0 } ? uri : uri + "&immutable=1"));
    }

    private void Load()
    {
        for (var tries = 1; ; tries++)
        {
            var stamp = Stamp();
            var copy = Copy(file, $"Data Source=agb-{Guid.NewGuid():n};Mode=Memory;Cache=Shared;Pooling=False");
            try
            {
                CatalogSchema.Bring(copy);
            }
            catch
            {
                copy.Dispose();
                throw;
            }
            _keeper?.Dispose();
            (_keeper, _stamp) = (copy, stamp);
            if (tries == MostTries || Stamp() == stamp)
            {
                return;
            }
        }
    }

    /// <summary>Copies a catalog file unchanged.</summary>
    /// <param name="file">The file; never written to.</param>
    /// <param name="target">The connection text of the copy.</param>
    /// <exception cref="SqliteException">It can't be read.</exception>
    internal static SqliteConnection Copy(string file, string target)
    {
        var copy = CatalogDb.Connect(target);
        try
        {
            Fill(copy, file);
            return copy;
        }
        catch
        {
            copy.Dispose();
            throw;
        }
    }

    private static void Fill(SqliteConnection copy, string file)
    {
        try
        {
            using var source = OpenFile(file);
            source.BackupDatabase(copy);
        }
        // SQLITE_READONLY, SQLITE_CANTOPEN: a log without its index, a file to be made by SQLite. The copy gets it elsewhere.
        catch (SqliteException e) when (e.SqliteErrorCode is 8 or 14 && File.Exists(file + "-wal"))
        {
            var elsewhere = Directory.CreateTempSubdirectory("agb-catalog-").FullName;
            try
            {
                var moved = Path.Combine(elsewhere, Path.GetFileName(file));
                File.Copy(file, moved);
                File.Copy(file + "-wal", moved + "-wal");
                ProcessFiles.SetMode(moved, UnixFileMode.UserRead | UnixFileMode.UserWrite);
                ProcessFiles.SetMode(moved + "-wal", UnixFileMode.UserRead | UnixFileMode.UserWrite);
                using var source = CatalogDb.Connect(Text(moved));
                source.BackupDatabase(copy);
            }
            finally
            {
                Directory.Delete(elsewhere, recursive: true);
            }
        }
    }

    private static string Text(string source) => new SqliteConnectionStringBuilder { DataSource = source, Pooling = false }.ToString();

    private (long, DateTime, long, DateTime) Stamp()
    {
        var (main, log) = (new FileInfo(file), new FileInfo(file + "-wal"));
        return (main.Length, main.LastWriteTimeUtc, log.Exists ? log.Length : -1, log.Exists ? log.LastWriteTimeUtc : default);
    }
}
