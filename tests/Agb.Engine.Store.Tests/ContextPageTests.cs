namespace Agb.Engine.Store.Tests;

/// <summary>A page of contexts costs what is on it.</summary>
public sealed class ContextPageTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("agb-page-tests-").FullName;

    [Fact]
    public void A_page_is_looked_up_where_it_begins()
    {
        using var catalog = CatalogDb.Open(Path.Combine(_directory, "catalog.db"));
        var plan = catalog.Read(tx => tx.Query(
            "EXPLAIN QUERY PLAN SELECT id, name FROM contexts WHERE name > $name ORDER BY name LIMIT $most", r => r.GetString(3), ("$name", "a"), ("$most", 10)));
        plan.ShouldHaveSingleItem().ShouldMatch(@"^SEARCH contexts USING INDEX \w+ \(name>\?\)$");
    }

    [Fact]
    public void No_more_rows_are_read_than_a_page_and_the_one_behind_it()
    {
        using var catalog = CatalogDb.Open(Path.Combine(_directory, "catalog.db"));
        catalog.Write(tx =>
        {
            for (var i = 0; i < 50; i++)
            {
                ContextTable.Insert(tx, new ContextRow($"id{i}", $"n{i:00}", AgbContextState.Available, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, 0));
            }
            // It can't be read, and is read only by who asks for it.
            tx.Execute("UPDATE contexts SET state = 'Nonsense' WHERE name = 'n20'");
        });
        catalog.Read(tx => ContextTable.After(tx, "n09", 10)).Select(c => c.Name).ShouldBe(Enumerable.Range(10, 10).Select(i => $"n{i:00}"));
        Should.Throw<ArgumentException>(() => catalog.Read(tx => ContextTable.After(tx, "n09", 11)));
        catalog.Read(ContextTable.Count).ShouldBe(50);
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}
