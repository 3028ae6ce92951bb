using System.Text;

namespace Agb.Engine.Store.Tests.Faults;

/// <summary>Each call of a change of files, a restore, a clear and of recycling fails in each way. A reader sees the old version or the
/// new one; what was acknowledged is there, what failed left no trace; the next try succeeds. No session is needed: each round has a
/// copy of a small store.</summary>
public sealed class ContextFaultTests
{
    private const int Faults = 10;

    private static readonly SortedDictionary<string, string> s_first = Tree(
        ("a", "one"), ("b", "kept"), ("d", null), ("d/x", "x"), ("d/y", "y"));

    private static readonly SortedDictionary<string, string> s_second = Tree(("a", "two"), ("b", "kept"), ("d", "a file"));

    private static readonly SortedDictionary<string, string> s_third = Tree(("a", "three"), ("d", null), ("d/z", "z"), ("new", null), ("new/c", "c"));

    private static readonly AgbContextFileChange[] s_changes =
    [
        Put("a", "three"), new AgbContextFileChange.Remove("/data/b"), new AgbContextFileChange.Remove("/data/d"), Put("d/z", "z"), Put("new/c", "c"),
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<FaultKind> Kinds => FaultSweep.Kinds;

    /// <summary>What can go wrong where only the catalog is written to.</summary>
    public static TheoryData<FaultKind> CatalogKinds =>
        [FaultKind.Death, FaultKind.DeathAfterCommit, FaultKind.Throw, FaultKind.NoSpace, FaultKind.InputOutput];

    [Theory]
    [MemberData(nameof(Kinds))]
    public Task Change_of_files(FaultKind kind) => SweepAsync(
        kind, service => ChangeAsync(service, s_changes), s_third, leavesNoTrace: true,
        async (service, added) =>
        {
            await ChangeAsync(service, [Put("again", "again")]);
            ShouldBe(service, With(added == 1 ? s_third : s_second, ("again", "again")));
            return added + 1;
        });

    [Theory]
    [MemberData(nameof(CatalogKinds))]
    public Task Restore(FaultKind kind) => SweepAsync(
        kind, service => service.RestoreContextAsync(new ContextId(Id(service)), 1, Token), s_first, leavesNoTrace: true,
        async (service, added) =>
        {
            await service.RestoreContextAsync(new ContextId(Id(service)), 1, Token);
            ShouldBe(service, s_first);
            return added + 1;
        });

    [Theory]
    [MemberData(nameof(CatalogKinds))]
    public Task Clear(FaultKind kind) => SweepAsync(
        // One that failed after it was registered is carried out by the next who looks.
        kind, service => service.ClearContextAsync(new ContextId(Id(service)), cancellationToken: Token), [], leavesNoTrace: false,
        async (service, _) =>
        {
            (await service.ClearContextAsync(new ContextId(Id(service)), cancellationToken: Token)).State.ShouldBe(AgbContextState.Available);
            ShouldBe(service, []);
            return 1;
        });

    [Theory]
    [MemberData(nameof(Kinds))]
    public Task Recycling(FaultKind kind) => SweepAsync(
        // It fails nobody: whoever looks next tries again.
        kind, service => service.Parts.EntryExpiry.RunAsync(Id(service), Token), Tree(), leavesNoTrace: false,
        async (service, _) =>
        {
            await service.Parts.EntryExpiry.RunAsync(Id(service), Token);
            ShouldBe(service, Tree());
            return 1;
        },
        days: 2, isAcknowledged: false);

    private static async Task SweepAsync(
        FaultKind kind, Func<EmbeddedService, Task> operation, SortedDictionary<string, string> made, bool leavesNoTrace,
        Func<EmbeddedService, int, Task<int>> again, int days = 0, bool isAcknowledged = true)
    {
        var original = Directory.CreateTempSubdirectory("agb-faults-").FullName;
        try
        {
            using (var service = Open(original, new TestClock()))
            {
                await PrepareAsync(service);
            }
            await FaultSweep.RunAsync(kind, Faults, (plan, _) => RoundAsync(original, plan, operation, made, leavesNoTrace, again, days, isAcknowledged));
        }
        finally
        {
            TreeRemover.Remove(original);
        }
    }

    private static async Task RoundAsync(
        string original, FaultPlan plan, Func<EmbeddedService, Task> operation, SortedDictionary<string, string> made, bool leavesNoTrace,
        Func<EmbeddedService, int, Task<int>> again, int days, bool isAcknowledged)
    {
        var home = await KeptStore.CopyAsync(original);
        var time = new TestClock();
        var service = Open(home, time);
        try
        {
            await service.RecoverAsync();
            var before = Versions(service);
            ShouldBe(service, s_second);
            time.Advance(TimeSpan.FromDays(days));
            Exception? failure;
            using (FaultSeam.Arm(home, plan))
            {
                failure = await Record.ExceptionAsync(() => operation(service));
            }
            if (plan.Failed is null)
            {
                failure.ShouldBeNull();
            }
            // What a reader sees before anybody has recovered anything.
            var recorded = Versions(service) - before;
            ShouldBe(service, recorded == 1 ? made : s_second);
            async Task ReopenAsync()
            {
                service.Dispose();
                service = Open(home, time);
                await service.RecoverAsync();
            }
            if (plan.IsDead)
            {
                await ReopenAsync();
            }
            await FaultSweep.RecoverAsync(service.Parts.Paths, ReopenAsync);
            var added = Versions(service) - before;
            ShouldBe(service, added == 1 ? made : s_second);
            var (least, most) = (isAcknowledged && failure is null ? 1 : 0, leavesNoTrace && failure is not null && !plan.IsDead ? 0 : 1);
            added.ShouldBeInRange(least, most, failure?.ToString());
            await ShouldBeSoundAsync(home, service);

            var expected = await again(service, added);
            (Versions(service) - before).ShouldBe(expected);
            ShouldRead(service, 1, s_first);
            ShouldRead(service, 2, s_second);
            await ShouldBeSoundAsync(home, service);
        }
        finally
        {
            service.Dispose();
            TreeRemover.Remove(home);
        }
    }

    /// <summary>Two versions of a context whose data is over after a day.</summary>
    private static async Task PrepareAsync(EmbeddedService service)
    {
        await service.CreateContextAsync("faults", cancellationToken: Token);
        await ChangeAsync(service, [Put("a", "one"), Put("b", "kept"), Put("d/x", "x"), Put("d/y", "y")]);
        await ChangeAsync(service, [Put("a", "two"), new AgbContextFileChange.Remove("/data/d", Recurse: true), Put("d", "a file")]);
        service.Parts.Catalog.Write(tx => tx.Execute("UPDATE origins SET lifecycle = 'Lifecycle_1Day', recycle_next = 0"));
        await service.Parts.EntryExpiry.RunAsync(Id(service), Token);
        ShouldRead(service, 1, s_first);
        ShouldRead(service, 2, s_second);
    }

    private static async Task ShouldBeSoundAsync(string home, EmbeddedService service)
    {
        var paths = service.Parts.Paths;
        FaultSweep.RemoveCondemned(service);
        Directory.EnumerateFileSystemEntries(paths.Staging).ShouldBeEmpty();
        var known = service.Parts.Catalog.Read(tx => tx.Query("SELECT id FROM layers ORDER BY id", r => r.GetString(0)));
        Directory.EnumerateDirectories(paths.Layers).Select(d => Path.GetFileName(d)!).Order(StringComparer.Ordinal).ShouldBe(known);
        var report = await AgbStore.CheckAsync(home, new AgbStoreCheckOptions { Deep = true }, Token);
        report.Problems.ShouldBeEmpty();
        (report.LayersWithoutSums, report.FilesWithoutHash).ShouldBe((0, 0));
    }

    private static EmbeddedService Open(string home, TimeProvider time) =>
        EmbeddedService.Open(new EmbeddedOptions { HomeDirectory = home, TimeProvider = time });

    private static string Id(EmbeddedService service) => service.Parts.Catalog.Read(tx => ContextTable.ByName(tx, "faults")!.Id);

    private static int Versions(EmbeddedService service) => service.Parts.Catalog.Read(tx => VersionTable.OfContext(tx, Id(service)).Count);

    private static Task ChangeAsync(EmbeddedService service, AgbContextFileChange[] changes) =>
        service.ChangeContextFilesAsync(new ContextId(Id(service)), changes.ToAsyncEnumerable(), Token);

    private static AgbContextFileChange.Put Put(string name, string text) =>
        new("/data/" + name, _ => Task.FromResult<Stream>(new MemoryStream(Encoding.UTF8.GetBytes(text))));

    private static void ShouldBe(EmbeddedService service, SortedDictionary<string, string> expected) =>
        string.Join('\n', ContextSnapshot.Read(service, Id(service))).ShouldBe(string.Join('\n', expected));

    private static void ShouldRead(EmbeddedService service, long version, SortedDictionary<string, string> expected)
    {
        var stack = service.Parts.Catalog.Read(tx => VersionTable.Find(tx, Id(service), version)!.Stack);
        string.Join('\n', ContextSnapshot.Read(LayerStack.Parse(stack).Select(service.Parts.Paths.LayerTree))).ShouldBe(string.Join('\n', expected));
    }

    /// <summary>A tree of files below /data, with directories where there is no text.</summary>
    private static SortedDictionary<string, string> Tree(params (string Name, string? Text)[] entries) =>
        With(new SortedDictionary<string, string>(StringComparer.Ordinal) { ["/data"] = ContextSnapshot.Directory() }, entries);

    private static SortedDictionary<string, string> With(SortedDictionary<string, string> tree, params (string Name, string? Text)[] entries)
    {
        var all = new SortedDictionary<string, string>(tree, StringComparer.Ordinal);
        foreach (var (name, text) in entries)
        {
            all["/data/" + name] = text is null ? ContextSnapshot.Directory() : ContextSnapshot.File(text);
        }
        return all;
    }
}
