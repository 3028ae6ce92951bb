namespace Agb.Engine.Tests.Sandbox;

/// <summary>The directories of the system that all sessions have below their own: no session changes them, none sees another's
/// changes by them, and they are whole or not there.</summary>
public sealed class SkeletonTests : SandboxTest
{
    private string Skeletons => Path.Combine(Home, SystemSkeleton.DirectoryName);

    [Fact]
    public async Task What_a_session_does_to_the_system_stays_its_own()
    {
        await RequireOverlayAsync();
        var (a, b) = (await StartAsync(), await StartAsync());
        var before = Tree(Skeletons);
        before.ShouldContain(line => line.Contains("/local/bin ", StringComparison.Ordinal));
        await a.OutputAsync(
            """
            set -e
            echo 'echo changed' >/usr/local/bin/agb-mine
            chmod 755 /usr/local/bin/agb-mine
            echo mine >/etc/profile.d/agb-mine.sh
            mkdir /opt/agb-mine
            chmod 700 /usr/local/share
            setfattr -n user.agb -v mine /usr/local/bin 2>/dev/null || :
            touch -d 2001-01-01 /usr/local/bin /usr/bin /etc /opt
            rm -rf /usr/local/src
            """);
        (await a.OutputAsync("agb-mine; test ! -e /usr/local/src && stat -c %a /usr/local/share")).ShouldBe("changed\n700");
        foreach (var other in new[] { b, await StartAsync() })
        {
            (await other.OutputAsync(
                "ls -d /usr/local/bin/agb-mine /etc/profile.d/agb-mine.sh /opt/agb-mine 2>/dev/null; stat -c '%a %n' /usr/local/share /usr/local/src"))
                .ShouldBe("755 /usr/local/share\n755 /usr/local/src");
            (await other.OutputAsync("find /usr/local/bin /usr/bin /etc /opt -maxdepth 0 ! -newermt 2002-01-01")).ShouldBe("");
        }
        await Driver.CleanUpAsync(a.Directory, Token);
        Tree(Skeletons).ShouldBe(before);
    }

    [Fact]
    public async Task The_options_of_its_mounts_do_not_tell_a_session_where_the_engines_directory_is()
    {
        var session = await StartAsync();
        var mounts = await session.OutputAsync("cat /proc/self/mountinfo");
        mounts.ShouldContain(" / ");
        // The kernel names a bind mount's directory on its own file system; that is of no mount option.
        foreach (var options in mounts.Split('\n').Select(line => line[line.IndexOf(" - ", StringComparison.Ordinal)..]))
        {
            options.ShouldNotContain(Home);
        }
    }

    [Fact]
    public void What_a_kill_left_midway_is_not_taken_for_the_whole_and_goes()
    {
        var system = MakeSystem("bin", "local/bin");
        var path = SystemSkeleton.Ensure(Home, "usr", system);
        var whole = Shape(path);
        whole.Length.ShouldBe(4);
        Directory.Move(path, path + SystemSkeleton.Unfinished);
        Directory.Delete(Path.Combine(path + SystemSkeleton.Unfinished, "local/bin"));
        Directory.CreateDirectory(Path.Combine(path + SystemSkeleton.Unfinished, "rest"));
        SystemSkeleton.Ensure(Home, "usr", system).ShouldBe(path);
        Shape(path).ShouldBe(whole);
        Directory.GetDirectories(Skeletons).ShouldBe([path]);
    }

    [Fact]
    public void A_system_with_other_directories_gets_another_and_the_first_stays_as_it_is()
    {
        var system = MakeSystem("bin", "local/bin");
        var first = SystemSkeleton.Ensure(Home, "usr", system);
        var before = Tree(first);
        Directory.CreateDirectory(Path.Combine(system, "local/sbin"));
        var second = SystemSkeleton.Ensure(Home, "usr", system);
        second.ShouldNotBe(first);
        Directory.Exists(Path.Combine(second, "local/sbin")).ShouldBeTrue();
        Tree(first).ShouldBe(before);
    }

    [Fact]
    public async Task Several_that_make_it_at_once_get_the_same_whole_one()
    {
        var system = MakeSystem("bin", "sbin", "lib", "local/bin", "local/sbin", "local/lib");
        using var start = new ManualResetEventSlim();
        var made = Enumerable.Range(0, 8).Select(_ => Task.Factory.StartNew(
            () =>
            {
                start.Wait(Token);
                var path = SystemSkeleton.Ensure(Home, "usr", system);
                return (path, Count: Tree(path).Length);
            },
            Token, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToArray();
        start.Set();
        var results = await Task.WhenAll(made);
        results.Distinct().ShouldHaveSingleItem().Count.ShouldBe(8);
        Directory.GetDirectories(Skeletons).Length.ShouldBe(1);
    }

    [Fact]
    public async Task It_can_be_removed_while_no_session_runs_and_comes_back()
    {
        await RequireOverlayAsync();
        var first = await StartAsync();
        await Driver.CleanUpAsync(first.Directory, Token);
        DeleteTree(Skeletons);
        Directory.Exists(Skeletons).ShouldBeFalse();
        var second = await StartAsync();
        (await second.OutputAsync("echo new >/usr/local/bin/agb-new && cat /usr/local/bin/agb-new")).ShouldBe("new");
    }

    private string MakeSystem(params string[] directories)
    {
        var system = Path.Combine(Home, "system");
        foreach (var directory in directories)
        {
            Directory.CreateDirectory(Path.Combine(system, directory));
        }
        return system;
    }

    /// <summary>A line for each entry: all its attributes.</summary>
    private static string[] Tree(string root) => Lines(root, stat => stat.ToString());

    /// <summary>A line for each entry: path, mode and owner.</summary>
    private static string[] Shape(string root) => Lines(root, stat => $"{stat.Mode} {stat.Uid} {stat.Gid}");

    private static string[] Lines(string root, Func<FileStat, string> print) =>
        [.. Directory.EnumerateFileSystemEntries(root, "*", SearchOption.AllDirectories).Prepend(root).Order(StringComparer.Ordinal).Select(path =>
        {
            using var directory = Fd.OpenDirectory(Path.GetDirectoryName(path)!);
            return $"{path[root.Length..]} {print(directory.TryStatAt(BytePath.FromText(Path.GetFileName(path)))!.Value)}";
        })];
}
