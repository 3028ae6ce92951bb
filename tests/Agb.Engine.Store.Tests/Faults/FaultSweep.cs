namespace Agb.Engine.Store.Tests.Faults;

/// <summary>Repeats an operation, and lets each of its calls go wrong in turn. By default a few of them; with AGB_FAULTS=all in the
/// environment, every one.</summary>
internal static class FaultSweep
{
    private static readonly bool s_all = Environment.GetEnvironmentVariable("AGB_FAULTS") == "all";

    /// <summary>Every kind of fault.</summary>
    internal static TheoryData<MountKind, FaultKind> OnBothMounts => new MatrixTheoryData<MountKind, FaultKind>(
        [MountKind.Overlay, MountKind.Copy], Enum.GetValues<FaultKind>());

    internal static TheoryData<FaultKind> Kinds => [.. Enum.GetValues<FaultKind>()];

    /// <summary>Runs a round without a fault, which counts the calls that can go wrong, and then rounds with one each.</summary>
    /// <param name="kind">What goes wrong.</param>
    /// <param name="faults">How many of the calls go wrong in turn, spread over all of them, unless all are wanted.</param>
    /// <param name="round">One round: does the operation with the plan armed, and asserts what must hold then. Its number is 0 without a fault.</param>
    internal static async Task RunAsync(FaultKind kind, int faults, Func<FaultPlan, int, Task> round)
    {
        var counting = new FaultPlan(kind, int.MaxValue);
        await RunAsync(counting, 0, round);
        counting.Counted.ShouldBeGreaterThan(0, "the operation met no call that can fail");
        foreach (var occurrence in Choose(kind, counting.Counted, faults))
        {
            var plan = new FaultPlan(kind, occurrence);
            await RunAsync(plan, occurrence, round);
            if (plan.Failed is null)
            {
                // How often a file is tried again, and what a child process's moment costs, is not the same each time.
                ((double)occurrence).ShouldBeGreaterThan(counting.Counted * 0.8, "a call that was counted was not met");
            }
        }
    }

    /// <summary>The calls that go wrong, spread evenly; other ones for each kind of fault, so that together they meet more.</summary>
    internal static IEnumerable<int> Choose(FaultKind kind, int calls, int faults)
    {
        if (s_all || calls <= faults)
        {
            return Enumerable.Range(1, calls);
        }
        var kinds = Enum.GetValues<FaultKind>().Length;
        return Enumerable.Range(0, faults).Select(i => 1 + (((i * kinds) + (int)kind) * calls / (faults * kinds)));
    }

    private static async Task RunAsync(FaultPlan plan, int number, Func<FaultPlan, int, Task> round)
    {
        try
        {
            await round(plan, number);
        }
        catch (Exception e) when (e is Shouldly.ShouldAssertException or AgbException or IOException)
        {
            throw new InvalidOperationException($"After {plan.Failed ?? "no fault"}: {e.Message}", e);
        }
    }

    /// <summary>Removes condemned layers. A child process of this one may hold a copy of a lock for a moment, between fork and exec.</summary>
    internal static void RemoveCondemned(EmbeddedService service)
    {
        const int tries = 500;
        for (var i = 0; i < tries && service.Parts.Catalog.Read(VersionTable.Condemned).Count > 0; i++)
        {
            service.Parts.LayerGc.RemoveCondemned();
            Thread.Sleep(1);
        }
        service.Parts.Catalog.Read(VersionTable.Condemned).ShouldBeEmpty();
    }

    /// <summary>Has services recover until staging is empty; more than one only because of such a child process.</summary>
    /// <param name="paths">The store.</param>
    /// <param name="reopen">Opens another service in place of the last and does its first operation.</param>
    internal static async Task RecoverAsync(StorePaths paths, Func<Task> reopen)
    {
        const int tries = 20;
        for (var i = 0; i < tries && Directory.EnumerateFileSystemEntries(paths.Staging).Any(); i++)
        {
            await reopen();
        }
        Directory.EnumerateFileSystemEntries(paths.Staging).ShouldBeEmpty();
    }

    /// <summary>Asserts that nothing is left over, every version can be read, and the check of the store finds nothing.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="plan">What went wrong, if a call may have failed that removes what was used up: the next service does it.</param>
    internal static async Task ShouldBeSoundAsync(EngineFixture engine, FaultPlan? plan = null)
    {
        var paths = engine.Service.Parts.Paths;
        if (plan?.Failed is not null)
        {
            await RecoverAsync(paths, async () =>
            {
                engine.Reopen();
                await engine.Service.ListSessionsAsync(null, TestContext.Current.CancellationToken).CountAsync(TestContext.Current.CancellationToken);
                await engine.Service.SettleAsync();
            });
        }
        Directory.EnumerateFileSystemEntries(paths.Staging).ShouldBeEmpty();
        RemoveCondemned(engine.Service);
        var known = engine.Service.Parts.Catalog.Read(tx => tx.Query("SELECT id FROM layers ORDER BY id", r => r.GetString(0)));
        Directory.EnumerateDirectories(paths.Layers).Select(d => Path.GetFileName(d)!).Order(StringComparer.Ordinal).ShouldBe(known);
        foreach (var context in engine.Service.Parts.Catalog.Read(ContextTable.All))
        {
            foreach (var version in engine.Service.Parts.Catalog.Read(tx => VersionTable.OfContext(tx, context.Id)))
            {
                ContextSnapshot.Read(LayerStack.Parse(version.Stack).Select(paths.LayerTree)).ShouldNotBeNull();
            }
        }
        var report = await AgbStore.CheckAsync(engine.Home, new AgbStoreCheckOptions { Deep = true }, TestContext.Current.CancellationToken);
        report.Problems.ShouldBeEmpty();
        report.LayersWithoutSums.ShouldBe(0);
    }
}
