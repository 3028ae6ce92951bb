using Agb.Engine.CrashHost.Fixtures;

namespace Agb.Engine.Store.Tests;

/// <summary>Stores that earlier versions wrote, kept as they were, must stay readable and writable.
/// <c>dotnet run --project tests/Agb.Engine.CrashHost -- fixture NAME tests/Agb.Engine.Store.Tests/Fixtures</c> writes another.</summary>
public sealed class OldFormatTests : IDisposable
{
    private readonly string _home = Path.Combine(Path.GetTempPath(), "agb-fixture-" + Guid.NewGuid().ToString("N"));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The name of each fixture.</summary>
    public static TheoryData<string> Names =>
        [.. Directory.EnumerateFiles(OldStore.Fixtures, "*.store.gz").Select(f => Path.GetFileName(f)[..^".store.gz".Length]).Order(StringComparer.Ordinal)];

    public void Dispose() => TreeRemover.Remove(_home);

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Every_entry_of_every_version_is_read_as_it_was_written(string name)
    {
        OldStore.Unpack(name, _home);
        using var service = OldStore.Open(_home);
        // The first operation brings the catalog up to date and recovers.
        await service.FindContextAsync("plain", Token);
        var expected = await File.ReadAllTextAsync(Path.Combine(OldStore.Fixtures, name + ".expected.txt"), Token);
        expected.ShouldContain("    /home/data/na");
        string.Join('\n', StoreListing.Of(service)).ShouldBe(expected.TrimEnd('\n'));
        (await AgbStore.CheckAsync(_home, new AgbStoreCheckOptions { Deep = true }, Token)).Problems.ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task It_takes_another_upload_and_keeps_what_it_had(string name)
    {
        OldStore.Unpack(name, _home);
        using var service = OldStore.Open(_home);
        await TestHost.RequireAsync(_home);
        var context = await service.FindContextAsync("plain", Token);
        var before = ContextSnapshot.Read(service, context.Id);
        var session = await service.CreateSessionAsync(
            new AgbSessionRequest { ContextSyncs = [new AgbContextSync { ContextId = context.Id, Path = "/home/data" }] }, Token);
        var result = await service.RunCommandAsync(
            session, new AgbCommandRequest { Command = "cd /home/data && cat file && rm more && printf added > added" }, Token);
        await service.RemoveSessionAsync(session, cancellationToken: Token);

        result.Stdout.ShouldBe("three");
        before.Remove("/home/data/more").ShouldBeTrue();
        before["/home/data/added"] = ContextSnapshot.File("added");
        string.Join('\n', ContextSnapshot.Read(service, context.Id)).ShouldBe(string.Join('\n', before));
    }
}
