using System.Collections.Concurrent;

namespace Agb.Store;

/// <summary>The catalog: a SQLite database in WAL mode, shared by many processes. Every change is one transaction; a durable
/// one is on the device at return (PRAGMA synchronous, sqlite.org/pragma.html).</summary>
internal sealed class CatalogDb : IDisposable
{
    private const int BusyTimeoutMs = 30_000;

    // Each connection has three open files. Connections above this number are closed after use.
    private const int MostIdle = 8;

    private readonly string _file;
    private readonly ReadOnlyCatalog? _copy;
    private readonly ConcurrentBag<SqliteConnection> _idle = [];
    private int _idleCount;

    private CatalogDb(string file, bool isReadOnly = false)
    {
        _file = file;
        _copy = isReadOnly ? new ReadOnlyCatalog(file) : null;
    }

    /// <summary>Opens the catalog of a store; read-only where the home is not writable.</summary>
    /// <exception cref="AgbException">StoreFormatTooNew, StoreCorrupt, NoSpace, AccessDenied, DeviceFailed; ReadOnlyStore: no
    /// catalog exists, and none can be made.</exception>
    internal static CatalogDb Open(StorePaths paths)
    {
        if (!paths.IsReadOnly)
        {
            return Open(paths.Catalog);
        }
        if (!File.Exists(paths.Catalog))
        {
            throw StoreErrors.ReadOnly($"The directory '{paths.Home}' is not writable, and has no store to read.");
        }
        var catalog = new CatalogDb(paths.Catalog, isReadOnly: true);
        catalog.Read(_ => true);
        return catalog;
    }

    /// <summary>Opens the catalog, creates it, or brings its schema up to date.</summary>
    /// <exception cref="AgbException">StoreFormatTooNew, StoreCorrupt, NoSpace, AccessDenied.</exception>
    internal static CatalogDb Open(string file)
    {
        var catalog = new CatalogDb(file);
        catalog.Guard(() => catalog.WithConnection(CatalogSchema.Migrate));
        return catalog;
    }

    /// <summary>Reads from one consistent state.</summary>
    internal T Read<T>(Func<CatalogTransaction, T> work) => Run(work, write: false, durable: false);

    /// <summary>Changes the catalog in one transaction and makes it durable.</summary>
    internal T Write<T>(Func<CatalogTransaction, T> work) => Run(work, write: true, durable: true);

    /// <summary>Changes the catalog in one transaction and makes it durable.</summary>
    internal void Write(Action<CatalogTransaction> work) => Write(Unit(work));

    /// <summary>Changes the catalog without a flush: a power cut may lose the change, such as the progress of a task.</summary>
    internal T WriteLazily<T>(Func<CatalogTransaction, T> work) => Run(work, write: true, durable: false);

    /// <summary>Changes the catalog without a flush: a power cut may lose the change.</summary>
    internal void WriteLazily(Action<CatalogTransaction> work) => WriteLazily(Unit(work));

    /// <summary>Lends a connection outside any transaction, for pragmas.</summary>
    internal T WithConnection<T>(Func<SqliteConnection, T> work)
    {
        var connection = Rent();
        try
        {
            var result = work(connection);
            Return(connection);
            return result;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        while (_idle.TryTake(out var connection))
        {
            connection.Dispose();
        }
        _copy?.Dispose();
    }

    private static Func<CatalogTransaction, bool> Unit(Action<CatalogTransaction> work) => tx =>
    {
        work(tx);
        return true;
    };

    private T Run<T>(Func<CatalogTransaction, T> work, bool write, bool durable) => Guard(() => WithConnection(connection =>
    {
        if (write && _copy is not null)
        {
            throw StoreErrors.ReadOnly($"The catalog '{_file}' is read-only.");
        }
        if (write)
        {
            FaultSeam.Before("begin", _file);
            Execute(connection, durable ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL");
        }
        using var transaction = connection.BeginTransaction(deferred: !write);
        var result = work(new CatalogTransaction(connection, transaction));
        if (!write)
        {
            transaction.Commit();
            return result;
        }
        FaultSeam.Before("commit", _file);
        transaction.Commit();
        FaultSeam.Before("committed", _file);
        return result;
    }));

    private void Return(SqliteConnection connection)
    {
        if (Interlocked.Increment(ref _idleCount) <= MostIdle)
        {
            _idle.Add(connection);
            return;
        }
        Interlocked.Decrement(ref _idleCount);
        connection.Dispose();
    }

    private SqliteConnection Rent()
    {
        if (_idle.TryTake(out var idle))
        {
            Interlocked.Decrement(ref _idleCount);
            if (_copy is null || _copy.IsCurrent(idle))
            {
                return idle;
            }
            idle.Dispose();
        }
        if (_copy is not null)
        {
            return _copy.Connect();
        }
        var text = new SqliteConnectionStringBuilder { DataSource = _file, Pooling = false, DefaultTimeout = BusyTimeoutMs / 1000 }.ToString();
        return Connect(text, $"PRAGMA busy_timeout={BusyTimeoutMs}", "PRAGMA foreign_keys=ON");
    }

    /// <summary>Opens a connection.</summary>
    /// <param name="text">The connection text.</param>
    /// <param name="settings">Statements before any other.</param>
    /// <exception cref="SqliteException">The database can't be opened.</exception>
    internal static SqliteConnection Connect(string text, params string[] settings)
    {
        var connection = new SqliteConnection(text);
        try
        {
            connection.Open();
            foreach (var setting in settings)
            {
                Execute(connection, setting);
            }

            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private T Guard<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (SqliteException e)
        {
            if (e.SqliteErrorCode == 14)
            {
                // SQLite reports a too long path only as "can't open".
                StoreHome.RequireResolvedLength(Path.GetDirectoryName(_file)!);
            }
            throw Translate(_file, e);
        }
        catch (JsonException e)
        {
            throw new AgbException(
                AgbErrorIds.StoreCorrupt, AgbErrorKind.DataCorrupt, $"The catalog '{_file}' has an invalid value: {e.Message}",
                "Run a check of the store (fsck of the server) to find it. Restore the AGB home directory from a backup.", inner: e);
        }
    }

    /// <summary>Translates a SQLite error for users. Primary result codes: sqlite.org/rescode.html.</summary>
    internal static AgbException Translate(string file, SqliteException e) => e.SqliteErrorCode switch
    {
        13 => new AgbException(
            AgbErrorIds.NoSpace, AgbErrorKind.ResourceExhausted, $"No space is left for the catalog '{file}'.",
            "Free space on that device, then try again; nothing was changed.", inner: e),
        11 or 26 => new AgbException(
            AgbErrorIds.StoreCorrupt, AgbErrorKind.DataCorrupt, $"The catalog '{file}' is damaged: {e.Message}",
            "Restore the AGB home directory from a backup, or set AGB_HOME to a new directory.", inner: e),
        // SQLITE_IOERR_NOMEM: no memory, during any read or write.
        10 when e.SqliteExtendedErrorCode == 3082 => AgbErrors.HostExhausted("work on the catalog", e.Message, e),
        8 or 10 or 14 when StoreHome.IsReadOnly(Path.GetDirectoryName(file)!) => StoreErrors.ReadOnly($"The catalog '{file}' is read-only: {e.Message}", e),
        10 => StoreErrors.DeviceFailed($"The catalog '{file}' can't be read or written (SQLite error {e.SqliteExtendedErrorCode}): {e.Message}", e),
        7 or 14 when Shortage(file) is { } shortage => AgbErrors.HostExhausted("an open catalog", shortage, e),
        3 or 8 or 14 or 23 => new AgbException(
            AgbErrorIds.AccessDenied, AgbErrorKind.PermissionDenied, $"The catalog '{file}' can't be opened: {e.Message}",
            "Check the owner and the permissions of the AGB home directory.", inner: e),
        5 or 6 => new AgbException(
            AgbErrorIds.WaitTimeout, AgbErrorKind.Timeout,
            $"The catalog '{file}' was locked by another process for {BusyTimeoutMs / 1000} s.",
            "Look for a hanging process with the catalog open.", inner: e),
        _ => new AgbException(AgbErrorIds.UnexpectedError, AgbErrorKind.Failed, $"The catalog '{file}' failed: {e.Message}", inner: e),
    };

    /// <summary>Detects a shortage of descriptors behind SQLITE_CANTOPEN by a test with two
    /// more; null if there are enough.</summary>
    private static string? Shortage(string file)
    {
        try
        {
            using var probe = Fd.OpenDirectory(Path.GetDirectoryName(file)!);
            using var second = Fd.OpenDirectory(Path.GetDirectoryName(file)!);
            return null;
        }
        catch (PosixException e)
        {
            return Exhaustion.Is(e) ? e.Message : null;
        }
    }

    internal static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
