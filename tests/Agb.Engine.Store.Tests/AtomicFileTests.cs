namespace Agb.Engine.Store.Tests;

public sealed class AtomicFileTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("agb-atomic-").FullName;

    [Fact]
    public void A_file_is_replaced_with_its_mode()
    {
        var path = Path.Combine(_directory, "f");
        AtomicFile.Replace(path, "old"u8);
        AtomicFile.Replace(path, "new"u8, AtomicFile.OwnerOnly, flush: true);

        File.ReadAllText(path).ShouldBe("new");
        File.GetUnixFileMode(path).ShouldBe(AtomicFile.OwnerOnly);
        Directory.EnumerateFileSystemEntries(_directory).ShouldBe([path]);
    }

    /// <summary>A directory in the file's place can't be replaced by a file (rename(2)).</summary>
    [Fact]
    public void A_failure_leaves_no_draft()
    {
        var path = Path.Combine(_directory, "d");
        Directory.CreateDirectory(path);

        Should.Throw<Exception>(() => AtomicFile.Replace(path, "x"u8)).ShouldBeAssignableTo<SystemException>();

        Directory.EnumerateFileSystemEntries(_directory).ShouldBe([path]);
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}
