using Agb.Engine.Tests.Conformance;
using Agb.Conformance;
using Microsoft.Data.Sqlite;

namespace Agb.Engine.Tests.Store;

/// <summary>A store that is damaged, or too new, is reported as what it is and not written to.</summary>
public sealed class DamagedStoreTests : EngineTest
{
    private const string Path = "/home/data";

    [Theory]
    [InlineData("")]
    [InlineData("garbage\n")]
    [InlineData("agb-store \n")]
    [InlineData("agb-store -1\n")]
    [InlineData("agb-store one\n")]
    public async Task A_format_file_that_names_no_format_is_damage(string content)
    {
        await MakeStoreAsync();
        await RefusesToOpenAsync("format", content, AgbErrorIds.StoreCorrupt);
    }

    [Fact]
    public async Task A_newer_format_is_refused_with_both_versions()
    {
        await MakeStoreAsync();
        var error = await RefusesToOpenAsync("format", "agb-store 99\n", AgbErrorIds.StoreFormatTooNew);
        error.Message.ShouldContain("99");
        error.Message.ShouldContain("up to 3");
        error.Remedy.ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public async Task A_catalog_without_a_format_file_is_damage()
    {
        await MakeStoreAsync();
        File.Delete(InHome("format"));
        await FailsAsync(AgbErrorIds.StoreCorrupt, () => Task.Run(() => Open(), Token));
        File.Exists(InHome("format")).ShouldBeFalse("nothing is written");
    }

    [Fact]
    public async Task A_catalog_that_is_no_database_is_damage()
    {
        await MakeStoreAsync();
        File.Delete(InHome("catalog.db-wal"));
        File.Delete(InHome("catalog.db-shm"));
        await RefusesToOpenAsync("catalog.db", string.Concat(Enumerable.Repeat("garbage ", 1000)), AgbErrorIds.StoreCorrupt);
    }

    [Fact]
    public async Task A_catalog_with_damaged_pages_is_damage()
    {
        await MakeStoreAsync();
        await using (var catalog = File.OpenWrite(InHome("catalog.db")))
        {
            // The first page, with the schema, stays.
            catalog.Position = 4096;
            await catalog.WriteAsync(Enumerable.Repeat((byte)0x5a, (int)(catalog.Length - 4096)).ToArray(), Token);
        }
        await FailsAsync(AgbErrorIds.StoreCorrupt, async () =>
        {
            using var service = EmbeddedService.Open(new EmbeddedOptions { HomeDirectory = Home.Path });
            await service.ListContextsAsync(Token).CountAsync(Token);
        });
    }

    [Fact]
    public async Task A_catalog_of_a_newer_schema_is_refused_with_both_versions()
    {
        await MakeStoreAsync();
        using (var connection = new SqliteConnection($"Data Source={InHome("catalog.db")};Pooling=false"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA user_version=99";
            command.ExecuteNonQuery();
        }
        var error = await FailsAsync(AgbErrorIds.StoreFormatTooNew, () => Task.Run(() => Open(), Token));
        error.Message.ShouldContain("99");
    }

    [Theory]
    [InlineData(MountKind.Overlay)]
    [InlineData(MountKind.Copy)]
    public async Task A_session_on_a_missing_layer_is_refused_and_leaves_nothing(MountKind kind)
    {
        var reason = await Home.WhyNotAsync(needsOverlay: kind == MountKind.Overlay);
        Assert.SkipWhen(reason is not null, reason ?? "");
        var service = Open(kind: kind);
        var (context, sound) = (
            await service.CreateContextAsync("damaged", cancellationToken: Token), await service.CreateContextAsync("sound", cancellationToken: Token));
        await FillAsync(service, context, Path, "echo 1 >f");
        TreeRemover.Remove(Directory.EnumerateDirectories(InHome("layers")).Single());
        await FillAsync(service, sound, Path, "echo 2 >f");

        var error = await FailsAsync(AgbErrorIds.StoreCorrupt, () => MountAsync(service, context, Path));
        error.Kind.ShouldBe(AgbErrorKind.DataCorrupt);
        (await service.ListSessionsAsync(null, Token).CountAsync(Token)).ShouldBe(0);
        Directory.EnumerateFileSystemEntries(InHome("sessions")).ShouldBeEmpty();
        (await AskAsync(service, sound, Path, "cat f")).ShouldBe("2");
        await service.RemoveContextAsync(context, Token);
    }

    [Theory]
    [InlineData(MountKind.Overlay)]
    [InlineData(MountKind.Copy)]
    public async Task A_missing_layer_is_no_reason_to_lose_what_a_session_made(MountKind kind)
    {
        var reason = await Home.WhyNotAsync(needsOverlay: kind == MountKind.Overlay);
        Assert.SkipWhen(reason is not null, reason ?? "");
        var service = Open(kind: kind);
        var context = await service.CreateContextAsync("c", cancellationToken: Token);
        await FillAsync(service, context, Path, "echo 1 >f");
        var session = await MountAsync(service, context, Path);
        await ShellAsync(service, session, $"echo precious >{Path}/g");
        var layer = Directory.EnumerateDirectories(InHome("layers")).Single();
        Directory.Move(layer, InHome("aside"));
        // Whether the upload needs the layer is the engine's affair; that the data is lost is not.
        try
        {
            await service.RemoveSessionAsync(session, cancellationToken: Token);
        }
        catch (AgbException e)
        {
            e.Kind.ShouldBe(AgbErrorKind.DataCorrupt);
            (await service.GetSessionAsync(session, Token)).Status.ShouldBe(AgbSessionStatus.Failed);
            Directory.Move(InHome("aside"), layer);
            await service.RemoveSessionAsync(session, cancellationToken: Token);
        }
        if (Directory.Exists(InHome("aside")))
        {
            Directory.Move(InHome("aside"), layer);
        }
        (await AskAsync(service, context, Path, "cat f g | tr '\\n' ' '")).ShouldBe("1 precious ");
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("")]
    [InlineData("{\"images\": null}")]
    [InlineData("{\"images\": [{\"root\": \"/\"}]}")]
    public async Task A_damaged_image_catalogue_is_named_and_leaves_contexts_alone(string content)
    {
        var service = Open();
        var context = await service.CreateContextAsync("c", cancellationToken: Token);
        await File.WriteAllTextAsync(InHome("images.json"), content, Token);
        (await FailsAsync(AgbErrorIds.InvalidImage, () => service.ListImagesAsync(Token))).Message.ShouldContain("images.json");
        await FailsAsync(AgbErrorIds.InvalidImage, () => MountAsync(service, context, Path));
        (await service.ListSessionsAsync(null, Token).CountAsync(Token)).ShouldBe(0);
        (await service.FindContextAsync("c", Token)).Id.ShouldBe(context.Id);
    }

    [Fact]
    public async Task A_home_that_is_a_file_is_an_error_that_names_it()
    {
        await File.WriteAllTextAsync(Home.Path + "-file", "", Token);
        try
        {
            var error = Should.Throw<AgbException>(() => EmbeddedService.Open(new EmbeddedOptions { HomeDirectory = Home.Path + "-file" }));
            error.Message.ShouldContain(Home.Path + "-file");
            error.ErrorId.ShouldNotBe(AgbErrorIds.SyncFailed);
        }
        finally
        {
            File.Delete(Home.Path + "-file");
        }
    }

    private async Task MakeStoreAsync()
    {
        using var service = EmbeddedService.Open(new EmbeddedOptions { HomeDirectory = Home.Path });
        var context = await service.CreateContextAsync("c", cancellationToken: Token);
        await FillAsync(service, context, Path, "echo 1 >f");
    }

    /// <summary>Writes a file of the store, and asserts that the store is refused and the file stays as it is.</summary>
    private async Task<AgbException> RefusesToOpenAsync(string file, string content, string errorId)
    {
        await File.WriteAllTextAsync(InHome(file), content, Token);
        var error = await FailsAsync(errorId, () => Task.Run(() => Open(), Token));
        error.Kind.ShouldBe(AgbErrorKind.DataCorrupt);
        error.Message.ShouldContain(Home.Path);
        (await File.ReadAllTextAsync(InHome(file), Token)).ShouldBe(content);
        return error;
    }
}
