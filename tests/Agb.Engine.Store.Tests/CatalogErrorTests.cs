using Microsoft.Data.Sqlite;

namespace Agb.Engine.Store.Tests;

/// <summary>Whatever SQLite says, a user gets a typed error that names the catalog.</summary>
public sealed class CatalogErrorTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("agb-catalog-tests-").FullName;

    // Codes of SQLite (sqlite.org/rescode.html): IOERR with the extended ones of a read, a write, a flush and of memory; CORRUPT; NOTADB; FULL.
    [Theory]
    [InlineData(10, 10, AgbErrorIds.DeviceFailed, AgbErrorKind.Failed)]
    [InlineData(10, 266, AgbErrorIds.DeviceFailed, AgbErrorKind.Failed)]
    [InlineData(10, 778, AgbErrorIds.DeviceFailed, AgbErrorKind.Failed)]
    [InlineData(10, 1034, AgbErrorIds.DeviceFailed, AgbErrorKind.Failed)]
    [InlineData(10, 3082, AgbErrorIds.HostExhausted, AgbErrorKind.ResourceExhausted)]
    [InlineData(11, 11, AgbErrorIds.StoreCorrupt, AgbErrorKind.DataCorrupt)]
    [InlineData(26, 26, AgbErrorIds.StoreCorrupt, AgbErrorKind.DataCorrupt)]
    [InlineData(13, 13, AgbErrorIds.NoSpace, AgbErrorKind.ResourceExhausted)]
    public void A_failure_in_the_midst_of_work_is_typed(int code, int extended, string errorId, AgbErrorKind kind)
    {
        var file = Path.Combine(_directory, "catalog.db");
        using var catalog = CatalogDb.Open(file);
        AgbException error;
        using (FaultSeam.Arm(_directory, new Failing(new SqliteException("said by SQLite", code, extended))))
        {
            error = Should.Throw<AgbException>(() => catalog.Write(tx => ContextTable.Delete(tx, "c")));
        }
        error.ErrorId.ShouldBe(errorId, error.Message);
        error.Kind.ShouldBe(kind);
        error.Remedy.ShouldNotBeNullOrEmpty();
        error.InnerException.ShouldBeOfType<SqliteException>();
        if (errorId != AgbErrorIds.HostExhausted)
        {
            error.Message.ShouldContain(file);
        }
        catalog.Write(tx => tx.Query("SELECT 1 FROM contexts", r => r.GetInt64(0))).ShouldBeEmpty("the next call has nothing of it");
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private sealed class Failing(Exception error) : IFaults
    {
        public long Reach(string operation, string path, long count) => operation == "commit" ? throw error : count;
    }
}
