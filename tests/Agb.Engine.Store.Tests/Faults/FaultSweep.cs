using Agb.Engine.Catalog;
using Agb.Engine.Native;

namespace Agb.Engine.Store.Tests.Faults;

/// <summary>Repeats an operation, and lets each of its calls go wrong in turn. By default every few calls; with AGB_FAULTS=all in
/// the environment, every one.</summary>
internal static class FaultSweep
{
    private static readonly bool s_all = Environment.GetEnvironmentVariable("AGB_FAULTS") == "all";

    /// <summary>Every kind of fault.</summary>
    internal static TheoryData<MountKind, FaultKind> OnBothMounts => new MatrixTheoryData<MountKind, FaultKind>(
        [MountKind.Overlay, MountKind.Copy], Enum.GetValues<FaultKind>());

    internal static TheoryData<FaultKind> Kinds => [.. Enum.GetValues<FaultKind>()];

    /// <summary>Runs rounds until one meets no fault.</summary>
    /// <param name="kind">What goes wrong.</param>
    /// <param name="stride">How many calls are passed over between two faults, unless all are wanted.</param>
    /// <param name="round">One round: does the operation with the plan armed, and asserts what must hold then.</param>
    internal static async Task RunAsync(FaultKind kind, int stride, Func<FaultPlan, int, Task> round)
    {
        var faults = 0;
        // Few calls of an operation can go wrong in these ways.
        var step = s_all || kind is FaultKind.DeathAfterCommit or FaultKind.Fsync or FaultKind.ShortWrite ? 1 : stride;
        // From another offset for each kind, so that together they meet more calls.
        for (var occurrence = 1; ; occurrence += occurrence == 1 && step > 1 ? 1 + ((int)kind % step) : step)
        {
            var plan = new FaultPlan(kind, occurrence);
            try
            {
                await round(plan, occurrence);
            }
            catch (Exception e) when (e is Shouldly.ShouldAssertException or AgbException or IOException)
            {
                throw new InvalidOperationException($"After {plan.Failed ?? "no fault"}: {e.Message}", e);
            }
            if (plan.Failed is null)
            {
                faults.ShouldBeGreaterThan(0, "the operation met no call that can fail");
                return;
            }
            faults++;
        }
    }

    /// <summary>Removes condemned layers. A child process of this one may hold a copy of a lock for a moment, between fork and exec.</summary>
    internal static void RemoveCondemned(EmbeddedService service)
    {
        const int tries = 500;
        for (var i = 0; i < tries && service.Parts.Catalog.Read(VersionTable.Condemned).Count > 0; i++)
        {
            service.Parts.Collector.RemoveCondemned();
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
