using Agb.Engine.Tests.Conformance;
using Microsoft.Data.Sqlite;

namespace Agb.Engine.Tests.Store;

/// <summary>A store on a read-only file system, such as a backup, can be listed, read and checked, and nothing else.</summary>
public sealed class ReadOnlyStoreTests : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("agb-read-only-").FullName;
    private readonly List<string> _mounts = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Home => Path.Combine(_directory, "home");

    private string View => Path.Combine(_directory, "view");

    public ValueTask InitializeAsync()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root can mount something read-only.");
        Directory.CreateDirectory(View);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var mount in _mounts)
        {
            await SmallDisk.UnmountAsync(mount);
        }
        TreeRemover.Remove(_directory);
    }

    [Theory]
    [InlineData("closed well")]
    [InlineData("with its log")]
    [InlineData("with its log but not the log's index")]
    [InlineData("without empty directories")]
    public async Task It_can_be_listed_read_and_checked(string how)
    {
        await FillAsync();
        if (how.StartsWith("with its", StringComparison.Ordinal))
        {
            await LeaveLogAsync(keepIndex: how == "with its log");
        }
        else if (how == "without empty directories")
        {
            TreeRemover.Remove(Path.Combine(Home, "locks"));
            TreeRemover.Remove(Path.Combine(Home, "staging"));
        }
        await MountAsync();
        var before = Inventory();
        using (var service = EmbeddedService.Open(new EmbeddedOptions { HomeDirectory = View }))
        {
            (await service.ListContextsAsync(Token).ToArrayAsync(Token)).Select(c => c.Name).ShouldBe(how.StartsWith("with its", StringComparison.Ordinal) ? ["c", "late"] : ["c"], ignoreOrder: true);
            var context = await service.FindContextAsync("c", Token);
            (await service.ListContextFilesAsync(context, new AgbContextFileQuery { Path = "/data" }, Token).ToArrayAsync(Token)).Select(f => f.Name).ShouldBe(["file"]);
            await using var content = await service.OpenContextFileAsync(context, "/data/file", cancellationToken: Token);
            (await new StreamReader(content.Content).ReadToEndAsync(Token)).ShouldBe("text");
            (await service.ListContextVersionsAsync(context, Token).ToArrayAsync(Token)).ShouldHaveSingleItem();
            (await service.ListSessionsAsync(cancellationToken: Token).ToArrayAsync(Token)).ShouldBeEmpty();
        }
        var report = await AgbStore.CheckAsync(View, new AgbStoreCheckOptions { Deep = true }, Token);
        report.Problems.ShouldBeEmpty();
        report.BytesRead.ShouldBe(4);
        Inventory().ShouldBe(before);
    }

    [Fact]
    public async Task Whatever_writes_is_refused_first()
    {
        await FillAsync();
        await MountAsync();
        using var service = EmbeddedService.Open(new EmbeddedOptions { HomeDirectory = View });
        var context = await service.FindContextAsync("c", Token);
        Func<Task>[] writes =
        [
            () => service.CreateContextAsync("d", cancellationToken: Token),
            () => service.RenameContextAsync(context, "d", Token),
            () => service.RemoveContextAsync(context, Token),
            () => service.ClearContextAsync(context, cancellationToken: Token),
            () => service.RestoreContextAsync(context, 1, Token),
            () => service.ChangeContextFilesAsync(context, Changes(), Token),
            () => service.CreateSessionAsync(new AgbSessionRequest(), Token),
            () => AgbStore.CheckAsync(View, new AgbStoreCheckOptions { Repair = true }, Token),
            () => AgbStore.CheckAsync(View, new AgbStoreCheckOptions { RemoveOrphans = true }, Token),
            () => { AgbStore.RequireUsable(View); return Task.CompletedTask; },
            () => { EmbeddedService.Open(new EmbeddedOptions { HomeDirectory = Path.Combine(View, "new") }); return Task.CompletedTask; },
        ];
        for (var i = 0; i < writes.Length; i++)
        {
            var error = await Should.ThrowAsync<AgbException>(writes[i], $"{i}");
            (error.ErrorId, error.Kind).ShouldBe((AgbErrorIds.ReadOnlyStore, AgbErrorKind.InvalidState), $"{i}: {error.Message}");
            error.Remedy.ShouldNotBeNullOrEmpty();
        }
        (await AgbHost.CheckAsync(View, Token)).ShouldContain(c => c.Name == "AGB home directory" && c.Status == AgbHostCheckStatus.Missing);
    }

    [Fact]
    public async Task What_is_stored_elsewhere_meanwhile_is_seen()
    {
        await FillAsync();
        await MountAsync();
        using var reader = EmbeddedService.Open(new EmbeddedOptions { HomeDirectory = View });
        (await reader.ListContextsAsync(Token).ToArrayAsync(Token)).Length.ShouldBe(1);
        using var writer = EmbeddedService.Open(new EmbeddedOptions { HomeDirectory = Home });
        await writer.CreateContextAsync("later", cancellationToken: Token);
        (await reader.ListContextsAsync(Token).ToArrayAsync(Token)).Length.ShouldBe(2);
    }

    private async Task FillAsync()
    {
        using var service = EmbeddedService.Open(new EmbeddedOptions { HomeDirectory = Home });
        var context = await service.CreateContextAsync("c", cancellationToken: Token);
        (await service.ChangeContextFilesAsync(context, Changes(), Token)).ShouldNotBeNull();
    }

    private static async IAsyncEnumerable<AgbContextFileChange> Changes()
    {
        await Task.CompletedTask;
        yield return new AgbContextFileChange.Put("/data/file", _ => Task.FromResult<Stream>(new MemoryStream("text"u8.ToArray())));
    }

    // As a snapshot of a disk finds the files while a process uses them.
    private async Task LeaveLogAsync(bool keepIndex)
    {
        var catalog = Path.Combine(Home, "catalog.db");
        using (var service = EmbeddedService.Open(new EmbeddedOptions { HomeDirectory = Home }))
        {
            using var held = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = catalog, Pooling = false }.ToString());
            held.Open();
            await service.CreateContextAsync("late", cancellationToken: Token);
            foreach (var suffix in (string[])["", "-wal", "-shm"])
            {
                File.Copy(catalog + suffix, Path.Combine(_directory, "kept" + suffix));
            }
        }
        new FileInfo(Path.Combine(_directory, "kept-wal")).Length.ShouldBeGreaterThan(0);
        foreach (var suffix in keepIndex ? new[] { "", "-wal", "-shm" } : ["", "-wal"])
        {
            File.Move(Path.Combine(_directory, "kept" + suffix), catalog + suffix, overwrite: true);
        }
    }

    private async Task MountAsync()
    {
        (await SmallDisk.RunAsync("mount", ["--bind", Home, View], Token)).ShouldBeNull();
        _mounts.Add(View);
        (await SmallDisk.RunAsync("mount", ["-o", "remount,bind,ro", View], Token)).ShouldBeNull();
    }

    private string[] Inventory() => [.. Directory.EnumerateFileSystemEntries(Home, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
}
