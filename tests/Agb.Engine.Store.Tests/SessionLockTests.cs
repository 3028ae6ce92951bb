namespace Agb.Engine.Store.Tests;

/// <summary>The files of sessions' locks go with their sessions, whoever takes them meanwhile.</summary>
public sealed class SessionLockTests : KeptStoreTest
{
    private const string Id = "s-1";

    [Fact]
    public void A_session_that_is_released_during_a_check_has_no_lock_after_it()
    {
        using var catalog = CatalogDb.Open(Paths.Catalog);
        AddSession(catalog);
        var snapshot = CatalogSnapshot.Read(catalog);
        catalog.Write(tx => SessionTable.SetReleased(tx, Id, DateTimeOffset.UnixEpoch));

        Check(catalog, snapshot);

        File.Exists(Paths.SessionLock(Id)).ShouldBeFalse();
    }

    [Fact]
    public void A_session_that_lives_keeps_its_lock()
    {
        using var catalog = CatalogDb.Open(Paths.Catalog);
        AddSession(catalog);
        FileLock.TryAcquire(Paths.SessionLock(Id))!.Dispose();

        Check(catalog, CatalogSnapshot.Read(catalog));
        SessionLocks.RemoveLeft(Paths, catalog);

        File.Exists(Paths.SessionLock(Id)).ShouldBeTrue();
    }

    [Fact]
    public async Task Locks_that_were_left_are_removed_at_the_next_start_unless_they_are_held()
    {
        // As a session that is being created has one, which the catalog does not know yet.
        using (FileLock.TryAcquire(Paths.SessionLock(Id)).ShouldNotBeNull())
        {
            FileLock.TryAcquire(Paths.SessionLock("s-left"))!.Dispose();
            await StartAsync();
            File.Exists(Paths.SessionLock("s-left")).ShouldBeFalse();
            File.Exists(Paths.SessionLock(Id)).ShouldBeTrue();
            FileLock.IsFree(Paths.SessionLock(Id)).ShouldBeFalse();
        }
        FileLock.IsFree(Paths.SessionLock(Id)).ShouldBeTrue();
        await StartAsync();
        File.Exists(Paths.SessionLock(Id)).ShouldBeFalse();
    }

    [Fact]
    public async Task Who_waits_for_a_lock_that_is_removed_takes_the_next()
    {
        using var catalog = CatalogDb.Open(Paths.Catalog);
        var held = FileLock.TryAcquire(Paths.SessionLock(Id)).ShouldNotBeNull();
        var waiting = FileLock.AcquireAsync(Paths.SessionLock(Id), TimeProvider.System, Token);
        SessionLocks.RemoveIfGone(Paths, catalog, Id).ShouldBeTrue();
        held.Dispose();

        using var taken = await waiting;
        FileLock.TryAcquire(Paths.SessionLock(Id)).ShouldBeNull("one at a time holds it");
    }

    private async Task StartAsync()
    {
        using var service = EmbeddedService.Open(new EmbeddedOptions { HomeDirectory = Home });
        await service.ListContextsAsync(Token).CountAsync(Token);
    }

    private void AddSession(CatalogDb catalog)
    {
        Directory.CreateDirectory(Paths.Locks);
        Directory.CreateDirectory(Paths.Session(Id));
        catalog.Write(tx => tx.Execute(
            "INSERT INTO sessions (id, image_id, status, network, created_at, owner) VALUES ($id, 'i', 'Running', 'None', 0, 'o')", ("$id", Id)));
    }

    private void Check(CatalogDb catalog, CatalogSnapshot snapshot)
    {
        var found = new Findings();
        new SessionCheck(Paths, catalog, snapshot, found).Run();
        found.Problems.ShouldBeEmpty();
    }
}
