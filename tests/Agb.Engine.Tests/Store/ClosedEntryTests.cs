namespace Agb.Engine.Tests.Store;

/// <summary>What sessions closed to their owner is opened up by an ordinary user's engine, and closed behind it, however many are at
/// it. Root is let in anyway, so these run by <see cref="Conformance.OrdinaryUserConformanceTests"/>.</summary>
public sealed class ClosedEntryTests : IDisposable
{
    private const uint Open = 0x1C0;

    private readonly string _directory;
    private readonly Fd _parent;

    public ClosedEntryTests()
    {
        Assert.SkipWhen(Posix.Geteuid() == 0, "Nothing is closed to root.");
        // Only now: a test that is skipped here is not disposed of.
        _directory = Directory.CreateTempSubdirectory("agb-closed-tests-").FullName;
        _parent = Fd.OpenDirectory(_directory);
        _parent.MkdirAt("d");
        using (var d = _parent.OpenDirectoryAt("d"))
        {
            File.WriteAllText(Path.Combine(_directory, "d/f"), "content");
            d.ChmodAt("f", 0);
            d.Chmod(0);
        }
    }

    public void Dispose()
    {
        _parent?.Dispose();
        TreeRemover.Remove(_directory);
    }

    [Fact]
    public void The_second_who_opens_it_sees_and_keeps_the_permissions_that_it_was_left_with()
    {
        var first = _parent.OpenDirectoryAt("d");
        var second = _parent.OpenDirectoryAt("d");
        second.Stat().Permissions.ShouldBe(0u);
        _parent.StatAt("d").Permissions.ShouldBe(0u);
        first.Dispose();

        second.StatAt("f").Size.ShouldBe(7);
        using (var file = second.OpenReadAt("f"))
        {
            file.Stat().Permissions.ShouldBe(0u);
        }
        second.StatAt("f").Permissions.ShouldBe(0u);
        second.Stat().Permissions.ShouldBe(0u);

        second.Dispose();
        Mode("d").ShouldBe(0u);
    }

    [Fact]
    public async Task Many_at_a_time_leave_it_as_they_found_it()
    {
        const int Rounds = 2000;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < Rounds; i++)
            {
                using var d = _parent.OpenDirectoryAt("d");
                d.Stat().Permissions.ShouldBe(0u);
                d.StatAt("f").Permissions.ShouldBe(0u);
                using var file = d.OpenReadAt("f");
                file.Stat().Permissions.ShouldBe(0u);
                _parent.StatAt("d").Permissions.ShouldBe(0u);
            }
        })));

        Mode("d").ShouldBe(0u);
        using var after = _parent.OpenDirectoryAt("d");
        Posix.StatX(after.Number, BytePath.Z("f"), 0, Posix.STATX_BASIC_STATS, out var f).ShouldBe(0);
        (f.Mode & 0xFFFu).ShouldBe(0u);
    }

    /// <summary>Another process opens it up after this one was refused, and leaves while this one is at it.</summary>
    [Fact]
    public void Permissions_that_another_process_widened_are_not_put_back()
    {
        var other = new Meanwhile(() => Chmod("d", Open));
        Fd mine;
        using (FaultSeam.Arm(_directory, other))
        {
            mine = _parent.OpenDirectoryAt("d");
        }
        other.HasRun.ShouldBeTrue();
        Chmod("d", 0);
        mine.StatAt("f").Size.ShouldBe(7);
        Mode("d").ShouldBe(Open);
        mine.Stat().Permissions.ShouldBe(0u);

        mine.Dispose();
        Mode("d").ShouldBe(0u);
    }

    [Fact]
    public void Permissions_that_a_session_gave_meanwhile_stay()
    {
        using (var d = _parent.OpenDirectoryAt("d"))
        {
            Chmod("d", 0x1ED);
            d.Stat().Permissions.ShouldBe(0x1EDu);
        }
        Mode("d").ShouldBe(0x1EDu);
    }

    [Fact]
    public void Permissions_that_the_engine_gave_meanwhile_stay()
    {
        using (_parent.OpenDirectoryAt("d"))
        {
            using var other = _parent.OpenDirectoryAt("d");
            other.Chmod(0x40);
        }
        Mode("d").ShouldBe(0x40u);
    }

    [Fact]
    public void A_directory_that_may_not_be_written_to_can_be_moved_and_stays_so()
    {
        Chmod("d", 0x140);
        _parent.MkdirAt("to");
        using var to = _parent.OpenDirectoryAt("to");

        _parent.MoveDirectoryAt("d", to, "moved");

        Mode("to/moved").ShouldBe(0x140u);
    }

    private uint Mode(string name)
    {
        Posix.StatX(Posix.AT_FDCWD, BytePath.Z(Path.Combine(_directory, name)), 0, Posix.STATX_BASIC_STATS, out var stat).ShouldBe(0);
        return stat.Mode & 0xFFFu;
    }

    // Past the engine's own notes, as another process does it.
    private void Chmod(string name, uint permissions) =>
        Posix.FchmodAt(Posix.AT_FDCWD, BytePath.Z(Path.Combine(_directory, name)), permissions, 0).ShouldBe(0);

    /// <summary>Does something once, right before the engine opens something up.</summary>
    private sealed class Meanwhile(Action work) : IFaults
    {
        public bool HasRun { get; private set; }

        public long Reach(string operation, string path, long count)
        {
            if (operation == "chmod" && !HasRun)
            {
                HasRun = true;
                work();
            }
            return count;
        }
    }
}
