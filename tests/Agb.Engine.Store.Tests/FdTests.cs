using Agb.Engine.Native;

namespace Agb.Engine.Store.Tests;

/// <summary>Work in directories that a session may write to must never reach through a link.</summary>
public sealed class FdTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("agb-fd-tests-").FullName;

    [Fact]
    public void Changing_the_mode_of_a_link_changes_nothing()
    {
        var outside = Path.Combine(_directory, "outside");
        File.WriteAllText(outside, "");
        ProcessFiles.SetMode(outside, UnixFileMode.UserRead);
        File.CreateSymbolicLink(Path.Combine(_directory, "link"), outside);
        using var directory = Fd.OpenDirectory(_directory);

        Should.Throw<PosixException>(() => directory.ChmodAt("link", 0x1FF)).Errno.ShouldBe(PosixException.ELOOP);

        directory.StatAt("outside").Permissions.ShouldBe(0x100u);
    }

    [Fact]
    public void Changing_the_mode_of_a_fifo_does_not_wait_for_its_other_end()
    {
        using var directory = Fd.OpenDirectory(_directory);
        directory.MkfifoAt("fifo");

        directory.ChmodAt("fifo", 0x1B6);

        directory.StatAt("fifo").Permissions.ShouldBe(0x1B6u);
    }

    public void Dispose() => TreeRemover.Remove(_directory);
}
