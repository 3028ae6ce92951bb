namespace Agb.Engine.Store.Tests;

/// <summary>The planner is pure: entries in, steps out, no file system.</summary>
public sealed class SyncPlannerTests
{
    private static readonly EffectivePolicy s_mirror = new(new AgbSyncPolicy(), "/data");
    private static readonly EffectivePolicy s_keep =
        new(new AgbSyncPolicy { Delete = new AgbDeletePolicy { SyncLocalFile = false } }, "/data");

    [Fact]
    public void An_unchanged_tree_has_nothing_to_do()
    {
        var tree = new[] { Directory(""), File("a"), Directory("d"), File("d/b") };
        SyncPlanner.Plan(tree, new Manifest(tree), new FakeStored(), s_mirror).Steps.ShouldBeEmpty();
    }

    [Fact]
    public void An_empty_mount_point_is_not_a_change()
    {
        SyncPlanner.Plan([Directory("")], new Manifest(), new FakeStored(), s_mirror).Steps.ShouldBeEmpty();
    }

    [Fact]
    public void New_changed_and_vanished_files_are_told_apart_and_counted()
    {
        var before = new Manifest([Directory(""), File("changed", ino: 1), File("gone", ino: 2), File("same", ino: 3)]);
        var now = new[] { Directory(""), File("added", ino: 9, size: 7), File("changed", ino: 1, ctime: 5, size: 3), File("same", ino: 3) };
        var plan = SyncPlanner.Plan(now, before, new FakeStored(), s_mirror);
        plan.Steps.Select(s => (s.Path, s.Operation, s.Reason)).ShouldBe(
        [
            ("added", SyncOperation.Put, SyncReason.Added),
            ("changed", SyncOperation.Put, SyncReason.Changed),
            ("gone", SyncOperation.Delete, SyncReason.Deleted),
        ]);
        (plan.FilesAdded, plan.FilesChanged, plan.FilesDeleted, plan.Bytes).ShouldBe((1, 1, 1, 10));
    }

    [Fact]
    public void A_vanished_directory_is_one_deletion_that_counts_its_files()
    {
        var before = new Manifest([Directory(""), Directory("d"), File("d/a"), Directory("d/e"), File("d/e/b"), File("d-not")]);
        var plan = SyncPlanner.Plan([Directory(""), File("d-not")], before, new FakeStored(), s_mirror);
        plan.Steps.ShouldHaveSingleItem().Path.ShouldBe("d");
        plan.FilesDeleted.ShouldBe(2);
    }

    [Fact]
    public void A_file_that_was_only_copied_up_is_left_out()
    {
        var stored = new FakeStored { Stats = { ["a"] = File("a").Stat }, Identical = true };
        var plan = SyncPlanner.Plan([Directory(""), File("a", ino: 8)], new Manifest(), stored, s_mirror);
        plan.Steps.ShouldBeEmpty();
        plan.LeftOut.ShouldHaveSingleItem().Path.ShouldBe("a");
    }

    [Fact]
    public void A_file_of_a_copy_that_was_only_touched_is_left_out()
    {
        var stored = new FakeStored { Stats = { ["a"] = File("a").Stat }, Identical = true, IsFirstManifest = true };
        var before = new Manifest([Directory(""), File("a")]);
        SyncPlanner.Plan([Directory(""), File("a", ctime: 9)], before, stored, s_mirror).Steps.ShouldBeEmpty();
    }

    [Fact]
    public void A_changed_attribute_of_a_directory_alone_is_a_change()
    {
        var before = new Manifest([Directory(""), Directory("d")]);
        var now = new[] { Directory(""), Directory("d") with { XattrHash = 7 } };
        SyncPlanner.Plan(now, before, new FakeStored(), s_mirror).Steps.ShouldHaveSingleItem().Operation.ShouldBe(SyncOperation.PutDirectory);
    }

    [Fact]
    public void A_whiteout_deletes_what_is_stored_and_means_nothing_elsewhere()
    {
        var stored = new FakeStored { Stats = { ["a"] = File("a").Stat } };
        var tree = new[] { Directory(""), Whiteout("a"), Whiteout("never") };
        var plan = SyncPlanner.Plan(tree, new Manifest(), stored, s_mirror);
        plan.Steps.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            s => s.Path.ShouldBe("a"), s => s.Operation.ShouldBe(SyncOperation.Delete));
        plan.LeftOut.ShouldHaveSingleItem().Path.ShouldBe("never");
    }

    [Fact]
    public void Without_mirrored_deletions_nothing_is_deleted_or_replaced()
    {
        var stored = new FakeStored { Stats = { ["a"] = File("a").Stat, ["d"] = Directory("d").Stat, ["d/x"] = File("d/x").Stat } };
        var tree = new[] { Directory(""), Whiteout("a"), Directory("d", opaque: true), File("d/new") };
        var before = new Manifest([Directory(""), File("uploaded")]);
        var plan = SyncPlanner.Plan(tree, before, stored, s_keep);
        plan.Steps.Select(s => (s.Path, s.Operation)).ShouldBe([("d", SyncOperation.PutDirectory), ("d/new", SyncOperation.Put)]);
        plan.FilesDeleted.ShouldBe(0);
    }

    [Fact]
    public void An_opaque_directory_replaces_what_is_stored_and_counts_what_it_hides()
    {
        var stored = new FakeStored
        {
            Stats = { ["d"] = Directory("d").Stat, ["d/kept"] = File("d/kept").Stat, ["d/hidden"] = File("d/hidden").Stat },
        };
        var tree = new[] { Directory(""), Directory("d", opaque: true), File("d/kept", ino: 9) };
        var plan = SyncPlanner.Plan(tree, new Manifest(), stored, s_mirror);
        plan.Steps.Select(s => (s.Path, s.Operation)).ShouldBe([("d", SyncOperation.ReplaceDirectory), ("d/kept", SyncOperation.Put)]);
        plan.FilesDeleted.ShouldBe(1);
    }

    [Fact]
    public void What_is_made_again_in_a_replaced_directory_is_stored_though_it_equals_what_was_there()
    {
        var stored = new FakeStored
        {
            Stats = { ["d"] = Directory("d").Stat, ["d/e"] = Directory("d/e").Stat, ["d/e/f"] = File("d/e/f").Stat },
            Identical = true,
        };
        var tree = new[] { Directory(""), Directory("d", opaque: true), Directory("d/e"), File("d/e/f") };
        var plan = SyncPlanner.Plan(tree, new Manifest(), stored, s_mirror);
        plan.Steps.Select(s => (s.Path, s.Operation)).ShouldBe(
            [("d", SyncOperation.ReplaceDirectory), ("d/e", SyncOperation.PutDirectory), ("d/e/f", SyncOperation.Put)]);
        plan.FilesDeleted.ShouldBe(0);
    }

    [Fact]
    public void What_changed_in_the_tick_of_the_upload_is_looked_at_again()
    {
        var tree = new[] { Directory(""), File("old", ctime: 4), File("young", ctime: 5) };
        var manifest = new Manifest(tree);
        manifest.Distrust(5);
        SyncPlanner.Plan(tree, manifest, new FakeStored(), s_mirror).Steps.ShouldHaveSingleItem().Path.ShouldBe("young");
    }

    [Fact]
    public void Sockets_and_devices_are_skipped_by_name()
    {
        var socket = new ScannedEntry("run/s\n", new FileStat { Kind = EntryKind.Unstorable, Mode = 0xC1ED, Ino = 4, Device = 1, Nlink = 1 }, false);
        var plan = SyncPlanner.Plan([Directory(""), socket], new Manifest(), new FakeStored(), s_mirror);
        plan.Steps.ShouldBeEmpty();
        plan.Skipped.ShouldHaveSingleItem().ShouldStartWith("run/s\\x0a:");
    }

    private static ScannedEntry File(string path, ulong ino = 1, long ctime = 1, long size = 1) =>
        new(path, new FileStat { Kind = EntryKind.File, Mode = 0x81A4, Size = size, MtimeNs = 1, CtimeNs = ctime, Ino = ino, Device = 1, Nlink = 1 }, false);

    private static ScannedEntry Directory(string path, bool opaque = false) =>
        new(path, new FileStat { Kind = EntryKind.Directory, Mode = 0x41ED, MtimeNs = 1, CtimeNs = 1, Ino = 1, Device = 1, Nlink = 1 }, opaque);

    private static ScannedEntry Whiteout(string path) =>
        new(path, new FileStat { Kind = EntryKind.Whiteout, Mode = 0x2000, MtimeNs = 1, CtimeNs = 1, Ino = 1, Device = 1, Nlink = 1 }, false);

    private sealed class FakeStored : IStoredTree
    {
        internal Dictionary<string, FileStat> Stats { get; } = [];

        internal bool Identical { get; init; }

        public bool IsFirstManifest { get; init; }

        public FileStat? Lookup(string path) => Stats.TryGetValue(path, out var stat) ? stat : null;

        public bool IsIdentical(ScannedEntry entry, FileStat stored) => Identical;

        public IEnumerable<string> FilesAtOrBelow(string path) => Stats
            .Where(s => s.Value.Kind != EntryKind.Directory && (s.Key == path || s.Key.StartsWith(path + "/", StringComparison.Ordinal)))
            .Select(s => s.Key);
    }
}
