namespace Agb.Engine.Store.Tests.Archives;

/// <summary>The zip that holds a mount may be damaged.</summary>
public sealed class ArchivedHeadTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("agb-archived-head-tests-").FullName;

    [Fact]
    public void Counting_the_files_of_a_damaged_zip_is_a_typed_error()
    {
        File.WriteAllText(Path.Combine(_directory, "archive.zip"), "no archive at all");
        using var stored = MergedDirectory.Open([_directory], "");
        var error = Should.Throw<AgbException>(() => ArchivedHead.CountFiles(stored, _ => true));
        (error.ErrorId, error.Message.Contains("archive.zip", StringComparison.Ordinal)).ShouldBe((AgbErrorIds.InvalidArchive, true));
    }

    public void Dispose() => TreeRemover.Remove(_directory);
}
