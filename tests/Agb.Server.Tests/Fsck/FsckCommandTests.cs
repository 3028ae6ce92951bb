using Agb.Server;

namespace Agb.Server.Tests.Fsck;

/// <summary>What fsck prints and returns.</summary>
public sealed class FsckCommandTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("agb-fsck-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task A_sound_store_gives_0_and_one_line()
    {
        await MakeAsync(_directory);
        var (code, lines) = await RunAsync("--home", _directory);
        code.ShouldBe(0);
        lines.ShouldBe([$"{_directory}: sound; 1 contexts, 0 versions, 0 layers, 0 entries, 0 bytes read"]);
    }

    [Fact]
    public async Task Problems_give_1_and_are_named_and_repaired_ones_give_3()
    {
        await MakeAsync(_directory);
        var orphan = Path.Combine(_directory, "layers", "orphan");
        Directory.CreateDirectory(orphan);

        var (code, lines) = await RunAsync("--home", _directory);
        code.ShouldBe(1);
        lines[0].ShouldBe("PROBLEM  LayerOrphaned: layer orphan, layers/orphan: expected a layer of the catalog; found an unrecorded layer");
        lines[1].ShouldStartWith($"{_directory}: 1 problem(s); ");
        Directory.Exists(orphan).ShouldBeTrue();

        (code, lines) = await RunAsync("--home", _directory, "--repair");
        code.ShouldBe(3);
        lines[0].ShouldStartWith("repaired LayerOrphaned: ");
        Directory.Exists(orphan).ShouldBeFalse();
        (await RunAsync("--home", _directory, "--deep")).Code.ShouldBe(0);
    }

    [Fact]
    public async Task Orphans_are_removed_on_request_with_what_they_took_and_young_ones_named()
    {
        await MakeAsync(_directory);
        foreach (var id in (string[])["old", "young"])
        {
            var tree = Directory.CreateDirectory(Path.Combine(_directory, "layers", id, "tree")).FullName;
            await File.WriteAllTextAsync(Path.Combine(tree, "f"), "twelve bytes", Token);
        }
        var old = Path.Combine(_directory, "layers", "old");
        Directory.SetLastWriteTimeUtc(old, DateTime.UtcNow.AddHours(-2));

        var (code, lines) = await RunAsync("--home", _directory, "--remove-orphans");

        code.ShouldBe(1);
        lines.ShouldContain("removed  layer old: 1 files, 12 bytes");
        lines.ShouldContain(l => l.StartsWith("kept     layer young: it was made less than 60 minutes ago, at ", StringComparison.Ordinal));
        lines.ShouldContain(l => l.StartsWith("repaired LayerOrphaned: layer old,", StringComparison.Ordinal));
        lines[^1].ShouldStartWith($"{_directory}: 1 problem(s); ");
        (Directory.Exists(old), Directory.Exists(Path.Combine(_directory, "layers", "young"))).ShouldBe((false, true));

        Directory.SetLastWriteTimeUtc(Path.Combine(_directory, "layers", "young"), DateTime.UtcNow.AddHours(-2));
        (await RunAsync("--home", _directory, "--remove-orphans")).Code.ShouldBe(3);
        (await RunAsync("--home", _directory)).Code.ShouldBe(0);
    }

    [Fact]
    public async Task A_servers_data_directory_has_a_store_for_each_owner_and_the_worst_result_counts()
    {
        await MakeAsync(Path.Combine(_directory, "owners", "one"));
        await MakeAsync(Path.Combine(_directory, "owners", "two"));
        (await RunAsync("--data", _directory)).Lines.Length.ShouldBe(2);
        Directory.CreateDirectory(Path.Combine(_directory, "owners", "one", "layers", "orphan"));
        await File.WriteAllTextAsync(Path.Combine(_directory, "owners", "two", "format"), "agb-store 99\n", Token);

        var (code, lines) = await RunAsync("--data", _directory, "--repair");
        code.ShouldBe(1);
        lines.Length.ShouldBe(4);
        lines[2].ShouldStartWith("PROBLEM  FormatUnknown: format: ");
    }

    [Fact]
    public async Task An_owner_who_has_lost_catalog_and_format_is_not_passed_over()
    {
        await MakeAsync(Path.Combine(_directory, "owners", "one"));
        var lost = Path.Combine(_directory, "owners", "two");
        await MakeAsync(lost);
        Array.ForEach(Directory.GetFiles(lost), File.Delete);

        var (code, lines) = await RunAsync("--data", _directory);
        code.ShouldBe(1);
        lines.ShouldContain(l => l.StartsWith("PROBLEM  CatalogDamaged: catalog.db: ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--nonsense")]
    [InlineData("--home")]
    [InlineData("--home", "")]
    [InlineData("--home", "/a", "--data", "/b")]
    public void Wrong_options_are_wrong_usage(params string[] arguments)
    {
        CommandTree.Create(TextWriter.Null, TextWriter.Null).Parse(["fsck", .. arguments]).Errors.ShouldNotBeEmpty();
    }

    [Theory]
    [InlineData("--home")]
    [InlineData("--data")]
    public async Task A_directory_without_a_store_is_wrong_usage_and_stays_empty(string option)
    {
        var (code, lines) = await RunAsync(option, _directory);
        code.ShouldBe(2);
        lines.ShouldHaveSingleItem().ShouldContain(_directory);
        Directory.EnumerateFileSystemEntries(_directory).ShouldBeEmpty();
    }

    private static async Task MakeAsync(string home)
    {
        using var service = EmbeddedService.Open(new EmbeddedOptions { HomeDirectory = home });
        await service.CreateContextAsync("c", cancellationToken: Token);
    }

    private static async Task<(int Code, string[] Lines)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        var code = await CommandTree.Create(output, TextWriter.Null).Parse(["fsck", .. arguments]).InvokeAsync(cancellationToken: Token);
        return (code, output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
