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

        Should.Throw<PosixException>(() => directory.ChmodAt("link", 0x1FF)).Errno.ShouldBe(Errno.ELOOP);

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

    [Fact]
    public void A_lock_that_was_let_go_is_free_though_a_starting_child_has_a_copy_of_its_descriptor()
    {
        var file = Path.GetTempFileName();
        try
        {
            var held = FileLock.TryAcquire(file).ShouldNotBeNull();
            var number = Directory.EnumerateFiles("/proc/self/fd").Where(f => new FileInfo(f).LinkTarget == file)
                .Select(f => int.Parse(Path.GetFileName(f), System.Globalization.CultureInfo.InvariantCulture)).ShouldHaveSingleItem();
            using var copy = new Microsoft.Win32.SafeHandles.SafeFileHandle(Posix.Fcntl(number, Posix.F_DUPFD_CLOEXEC, 0), ownsHandle: true);
            FileLock.TryAcquire(file).ShouldBeNull();
            held.Dispose();
            using var again = FileLock.TryAcquire(file).ShouldNotBeNull();
            held.Dispose();
            FileLock.TryAcquire(file).ShouldBeNull("letting go twice lets go of nothing else");
        }
        finally
        {
            File.Delete(file);
        }
    }
}
