namespace Agb.Engine.Tests.Sessions;

/// <summary>What a session has on disk, however it nests it.</summary>
public sealed class TreeMeterTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("agb-meter-tests-").FullName;

    [Fact]
    public void Every_entry_of_a_deep_tree_that_branches_at_each_level_is_counted()
    {
        // Beside each directory of the way one that is listed after all below has been.
        Nest(TreeDepth.Max, branches: true);
        var entries = Directory.GetFileSystemEntries(_root, "*", SearchOption.AllDirectories);
        entries.Length.ShouldBe((4 * TreeDepth.Max) - 3);
        Measure().ShouldBe(entries.Sum(e => 1024 + Blocks(e)));
    }

    [Fact]
    public void A_tree_deeper_than_contexts_store_is_over_every_limit()
    {
        Nest(TreeDepth.Max, branches: false);
        Measure().ShouldBeLessThan(TreeMeter.Unmeasurable);
        Nest(TreeDepth.Max + 1, branches: false);
        Measure().ShouldBe(TreeMeter.Unmeasurable);
        // With room for what is added to it.
        (TreeMeter.Unmeasurable + TreeMeter.Unmeasurable).ShouldBeGreaterThan(TreeMeter.Unmeasurable);
    }

    [Fact]
    public void A_walk_needs_few_descriptors()
    {
        TreeMeter.MostDescriptors.ShouldBeLessThan(64);
        Nest(TreeDepth.Max, branches: false);
        using var root = Fd.OpenDirectory(_root);
        var most = 0;
        TreeMeter.Measure(root, () => most = Math.Max(most, OpenBelow()));
        most.ShouldBeInRange(2, TreeMeter.MostDescriptors);
        OpenBelow().ShouldBe(1, "the root, which is the test's");
    }

    [Fact]
    public void Ways_up_that_form_a_ring_end()
    {
        var parents = new Dictionary<int, int> { [10] = 11, [11] = 12, [12] = 10, [20] = 5, [21] = 20, [5] = 1, [1] = 0 };
        SandboxProcesses.Descends(parents, 10, 5).ShouldBeFalse();
        SandboxProcesses.Descends(parents, 21, 5).ShouldBeTrue();
        SandboxProcesses.Descends(parents, 1, 5).ShouldBeFalse();
    }

    public void Dispose() => TreeRemover.Remove(_root);

    private int OpenBelow() => Directory.EnumerateFileSystemEntries("/proc/self/fd")
        .Count(f => new FileInfo(f).LinkTarget?.StartsWith(_root, StringComparison.Ordinal) == true);

    private static long Blocks(string path)
    {
        Posix.StatX(Posix.AT_FDCWD, BytePath.Z(path), Posix.AT_SYMLINK_NOFOLLOW, Posix.STATX_BASIC_STATS, out var stat).ShouldBe(0);
        return stat.Blocks * 512;
    }

    private long Measure()
    {
        using var root = Fd.OpenDirectory(_root);
        return TreeMeter.Measure(root);
    }

    /// <summary>Nests directories, each made in the one above: their path is longer than a call takes.</summary>
    private void Nest(int depth, bool branches)
    {
        var directory = Fd.OpenDirectory(_root);
        for (var i = 0; i < depth; i++)
        {
            if (directory.TryStatAt("d") is null)
            {
                directory.MkdirAt("d");
            }
            if (branches && i < depth - 1)
            {
                directory.MkdirAt("a");
                using var branch = directory.OpenDirectoryAt("a");
                branch.MkdirAt("b");
                using var file = branch.CreateAt("f");
                using var content = new FileStream(file.Duplicate(), FileAccess.Write);
                content.Write([1]);
            }
            var next = directory.OpenDirectoryAt("d");
            directory.Dispose();
            directory = next;
        }
        directory.Dispose();
    }
}
