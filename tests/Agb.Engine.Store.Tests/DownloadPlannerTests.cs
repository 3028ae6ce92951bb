namespace Agb.Engine.Store.Tests;

/// <summary>The planner of downloads is pure: differences and a session's tree in, steps out, no file system.</summary>
public sealed class DownloadPlannerTests
{
    [Fact]
    public void What_is_new_changed_and_gone_is_told_apart()
    {
        var session = new FakeSession { ["same"] = File(1), ["changed"] = File(2), ["gone"] = File(3) };
        Plan(session, new("changed", File(2), File(9), false), new("new", null, File(8), false), new("gone", File(3), null, false))
            .Steps.Select(s => (s.Path, s.Operation, s.Reason)).ShouldBe(
            [
                ("changed", DownloadOperation.Put, SyncReason.Changed),
                ("new", DownloadOperation.Put, SyncReason.Added),
                ("gone", DownloadOperation.Delete, SyncReason.Deleted),
            ]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_the_session_changed_or_deleted_is_replaced_only_by_force(bool force)
    {
        var session = new FakeSession { Touched = { "changed", "gone", "deleted" }, ["changed"] = File(5), ["gone"] = File(6) };
        var plan = PlanBy(
            session, force, new("changed", File(1), File(9), false), new("deleted", File(2), File(8), false), new("gone", File(3), null, false));
        plan.Steps.Select(s => s.Path).ShouldBe(force ? ["changed", "deleted", "gone"] : []);
        plan.Kept.Select(k => k.ToString()).ShouldBe(
            force ? [] : ["changed: kept, changed in the session", "deleted: kept, deleted in the session", "gone: kept, changed in the session"]);
    }

    [Fact]
    public void Nothing_comes_into_a_directory_that_the_session_deleted()
    {
        var plan = Plan(new FakeSession(), new("d", Directory(), Directory(), false), new("d/new", null, File(9), false), new("d-not", null, File(8), false));
        plan.Kept.ShouldHaveSingleItem().Path.ShouldBe("d");
        plan.Steps.ShouldHaveSingleItem().Path.ShouldBe("d-not");
    }

    [Fact]
    public void What_comes_where_the_session_uploaded_a_deletion_is_news()
    {
        var session = new FakeSession { KnownDeleted = { "f", "d" } };
        var plan = Plan(
            session, new("d", Directory(), Directory(), false), new("d/g", File(1), File(8), false), new("f", File(2), File(9), false),
            new("other", File(3), File(7), false));
        plan.Steps.Select(s => (s.Path, s.Operation)).ShouldBe(
            [("d", DownloadOperation.MakeDirectory), ("d/g", DownloadOperation.Put), ("f", DownloadOperation.Put)]);
        plan.Kept.ShouldHaveSingleItem().ToString().ShouldBe("other: kept, deleted in the session");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_the_session_made_where_it_had_uploaded_a_deletion_is_its_own(bool force)
    {
        var session = new FakeSession { KnownDeleted = { "f", "d" }, Touched = { "f" }, ["f"] = File(1), ["d"] = Directory() };
        var plan = PlanBy(session, force, new("f", File(2), null, false), new("d", Directory(), null, false));
        plan.Steps.ShouldBeEmpty();
        plan.Kept.ShouldBeEmpty();
    }

    [Fact]
    public void A_directory_goes_when_all_in_it_goes()
    {
        var session = new FakeSession { ["d"] = Directory(), ["d/a"] = File(1), ["e"] = Directory(), ["e/a"] = File(2), ["e/mine"] = File(3) };
        Plan(
            session, new("d/a", File(1), null, false), new("d", Directory(), null, false), new("e/a", File(2), null, false), new("e", Directory(), null, false))
            .Steps.Select(s => (s.Path, s.Operation)).ShouldBe(
                [("d/a", DownloadOperation.Delete), ("d", DownloadOperation.DeleteDirectory), ("e/a", DownloadOperation.Delete)]);
    }

    [Fact]
    public void What_the_session_uploaded_itself_does_not_come_back()
    {
        var session = new FakeSession { Equal = { "mine" }, ["mine"] = File(4) };
        var known = new Manifest([new ScannedEntry("mine", File(4), false)]);
        PlanOf(session, known, _ => true, false, new TreeDifference("mine", null, File(9), false)).Steps.ShouldBeEmpty();
    }

    [Fact]
    public void What_was_brought_or_uploaded_before_and_is_stored_no_longer_goes()
    {
        var session = new FakeSession { ["d"] = Directory(), ["d/f"] = File(4), ["kept"] = File(5) };
        var known = new Manifest(
            [new ScannedEntry("d", Directory(), false), new ScannedEntry("d/f", File(4), false), new ScannedEntry("kept", File(5), false)]);
        PlanOf(session, known, p => p == "kept", false).Steps.Select(s => (s.Path, s.Operation)).ShouldBe(
            [("d/f", DownloadOperation.Delete), ("d", DownloadOperation.DeleteDirectory)]);
    }

    [Fact]
    public void By_force_only_what_differs_is_put()
    {
        var session = new FakeSession { Touched = { "changed" }, ["same"] = File(1), ["changed"] = File(7) };
        PlanBy(session, true, new("same", File(1), File(1), true), new("changed", File(2), File(2), true), new("lost", File(3), File(3), true))
            .Steps.Select(s => (s.Path, s.Reason)).ShouldBe([("changed", SyncReason.Changed), ("lost", SyncReason.Added)]);
    }

    private static DownloadPlan Plan(FakeSession session, params TreeDifference[] differences) => PlanBy(session, false, differences);

    private static DownloadPlan PlanBy(FakeSession session, bool force, params TreeDifference[] differences) =>
        PlanOf(session, new Manifest(), _ => true, force, differences);

    private static DownloadPlan PlanOf(
        FakeSession session, Manifest known, Func<string, bool> isStored, bool force, params TreeDifference[] differences) =>
        DownloadPlanner.Plan(differences, isStored, session, known, force);

    private static FileStat File(ulong ino) =>
        new() { Kind = EntryKind.File, Mode = 0x81A4, Size = 1, MtimeNs = 1, CtimeNs = 1, Ino = ino, Device = 1, Nlink = 1 };

    private static FileStat Directory() =>
        new() { Kind = EntryKind.Directory, Mode = 0x41ED, MtimeNs = 1, CtimeNs = 1, Ino = 1, Device = 1, Nlink = 1 };

    private sealed class FakeSession : SortedDictionary<string, FileStat>, ISessionTree
    {
        internal FakeSession()
            : base(StringComparer.Ordinal)
        {
        }

        internal HashSet<string> Touched { get; } = [];

        public FileStat? Lookup(string path) => TryGetValue(path, out var stat) ? stat : null;

        public IReadOnlyList<string> Names(string path) =>
            [.. Keys.Where(k => BytePath.DirectoryOf(k) == path).Select(BytePath.NameOf)];

        public ulong XattrHash(string path) => Attributes.GetValueOrDefault(path);

        public ScannedEntry? FindEqual(string path, FileStat stored) => Equal.Contains(path) ? new ScannedEntry(path, this[path], false) : null;

        public bool IsUntouched(string path) => !Touched.Contains(path);

        internal HashSet<string> Equal { get; } = [];

        internal Dictionary<string, ulong> Attributes { get; } = [];

        internal HashSet<string> KnownDeleted { get; } = [];

        public bool IsKnownDeleted(string path) => KnownDeleted.Contains(path);
    }
}
