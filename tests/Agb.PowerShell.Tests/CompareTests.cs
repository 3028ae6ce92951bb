using Agb.PowerShell.TestService;

namespace Agb.PowerShell.Tests;

/// <summary>Differences of versions, contexts and folders.</summary>
public sealed class CompareTests : CmdletTest
{
    private static readonly DateTimeOffset s_then = new(2024, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private readonly AgbContext _context;

    public CompareTests(ModuleRunspace module)
        : base(module)
    {
        _context = One<AgbContext>("New-AgbContext store -Connection $connection");
        Set("context", _context);
        Store(_context, "/data/same", "same", s_then);
        Store(_context, "/data/changed", "old", s_then);
        Store(_context, "/data/gone", "gone", s_then);
        Run("Remove-AgbContextFile $context /data/gone");
        Store(_context, "/data/changed", "newer", s_then);
        Store(_context, "/data/added", "added", s_then);
    }

    [Theory]
    [InlineData("Compare-AgbContext $context 3 6", "=> /data/added", "<> /data/changed", "<= /data/gone")]
    [InlineData("Get-AgbContextVersion $context 3 | Compare-AgbContext", "=> /data/added", "<> /data/changed", "<= /data/gone")]
    [InlineData("Compare-AgbContext $context 6 3", "<= /data/added", "<> /data/changed", "=> /data/gone")]
    public void Versions_are_compared(string script, params string[] expected) => Texts(script).ShouldBe(expected);

    [Fact]
    public void A_change_has_its_reason_and_sizes()
    {
        var changed = One<AgbContextDifference>("Compare-AgbContext $context 3 | Where-Object Difference -EQ Changed");

        (changed.Reason?.ToString(), changed.Size, changed.DifferenceSize).ShouldBe(("Size", 3, 5));
    }

    [Fact]
    public void Contexts_are_compared_each_by_its_own_service()
    {
        var other = One<AgbContext>("New-AgbContext other -Connection $connection");
        Set("other", other);
        Store(other, "/data/same", "same");
        Texts("Compare-AgbContext $context -DifferenceContext $other").ShouldBe(["<= /data/added", "<= /data/changed"]);

        Set("second", new AgbConnection(new MemoryService()));
        Run("Compare-AgbContext $context -DifferenceContext (New-AgbContext third -Connection $second)").Length.ShouldBe(4);
    }

    [Fact]
    public void A_context_is_compared_with_a_folder()
    {
        const string Compare = "Compare-AgbContext $context -Path /data -Folder $folder/compared/data";
        Run("Receive-AgbContextFile $context /data $folder/compared -Recurse");
        Run(Compare).ShouldBeEmpty();

        File.WriteAllText(Path.Combine(Folder, "compared/data/same"), "lame");
        File.WriteAllText(Path.Combine(Folder, "compared/data/mine"), "mine");

        Texts(Compare).ShouldBe(["=> /data/mine", "<> /data/same"]);
        Texts(Compare + " -IncludeEqual").ShouldBe(["== /data/added", "== /data/changed", "=> /data/mine", "<> /data/same"]);
    }

    [Fact]
    public void Bytes_are_read_with_Content()
    {
        const string Compare = "Compare-AgbContext $context -Path /data -Folder $folder/bytes/data";
        Run("Receive-AgbContextFile $context /data $folder/bytes -Recurse");
        var file = Path.Combine(Folder, "bytes/data/same");
        File.WriteAllText(file, "lame");
        File.SetLastWriteTimeUtc(file, s_then.UtcDateTime);

        Run(Compare).ShouldBeEmpty("size and time are the same");
        var found = One<AgbContextDifference>(Compare + " -Content");
        (found.ToString(), found.Reason?.ToString()).ShouldBe(("<> /data/same", "Content"));

        File.WriteAllText(file, "same");
        Run(Compare + " -Content").ShouldBeEmpty("times do not count");
    }

    [Fact]
    public void A_folder_that_is_missing_is_refused() =>
        ErrorIdOf("Compare-AgbContext $context -Folder $folder/none").ShouldBe(AgbErrorIds.FileNotFound);

    [Fact]
    public void Differences_are_piped_into_the_removal_of_files()
    {
        Run("Compare-AgbContext $context 3 | Where-Object Difference -EQ Added | Remove-AgbContextFile");

        Texts("(Get-AgbContextFile $context /data).Name").ShouldBe(["changed", "same"]);
    }
}
