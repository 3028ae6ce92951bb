using System.Diagnostics;

namespace Agb.Engine.Store.Tests.Faults;

/// <summary>Each call of a compaction, a collection and a context's removal fails in each way: no reader sees a difference, and the
/// next try succeeds. The store is one that was kept, copied for each round.</summary>
public sealed class UpkeepFaultTests
{
    private const int KeptVersions = 3;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<FaultKind> Kinds => FaultSweep.Kinds;

    /// <summary>What can go wrong where files are only removed.</summary>
    public static TheoryData<FaultKind> RemovalKinds =>
        [FaultKind.Death, FaultKind.DeathAfterCommit, FaultKind.Throw, FaultKind.NoSpace, FaultKind.InputOutput, FaultKind.Fsync];

    [Theory]
    [MemberData(nameof(Kinds))]
    public Task Compaction(FaultKind kind) => SweepAsync(
        kind, Deepen,
        service =>
        {
            while (service.Parts.Compactor.CompactIfDeep(ContextId(service, "deep"), Token))
            {
                // The stack is longer than one compaction makes short.
            }
        },
        (service, seen) =>
        {
            LayerStack.Parse(HeadStack(service, "deep")).Length.ShouldBeLessThanOrEqualTo(Compactor.MaxDepth);
            seen.ShouldContain("/data/d0/f28");
        });

    [Theory]
    [MemberData(nameof(RemovalKinds))]
    public Task Collection(FaultKind kind) => SweepAsync(
        kind, Age,
        service => service.Parts.LayerGc.Collect(ContextId(service, "deep")),
        (service, _) =>
        {
            service.Parts.Catalog.Read(tx => VersionTable.OfContext(tx, ContextId(service, "deep")).Count).ShouldBe(KeptVersions);
            service.Parts.Catalog.Read(VersionTable.Condemned).ShouldBeEmpty();
        });

    [Theory]
    [MemberData(nameof(RemovalKinds))]
    public Task Removal_of_a_context(FaultKind kind) => SweepAsync(
        kind, _ => { },
        service => service.RemoveContextAsync(service.FindContextAsync("mapped", Token).GetAwaiter().GetResult(), Token).GetAwaiter().GetResult(),
        (service, seen) => seen.ShouldNotContain("/tmp/mapping"),
        isGone: service => service.Parts.Catalog.Read(tx => ContextTable.ByName(tx, "mapped")) is null);

    private static async Task SweepAsync(
        FaultKind kind, Action<EmbeddedService> prepare, Action<EmbeddedService> operation, Action<EmbeddedService, string> atTheEnd,
        Func<EmbeddedService, bool>? isGone = null)
    {
        var original = KeptStore.Unpack();
        try
        {
            using (var service = Open(original))
            {
                await service.ListContextsAsync(Token).CountAsync(Token);
                await service.SettleAsync();
                prepare(service);
            }
            await AgbStore.CheckAsync(original, new AgbStoreCheckOptions { Deep = true }, Token);
            await FaultSweep.RunAsync(kind, faults: 2, (plan, _) => RoundAsync(original, plan, operation, atTheEnd, isGone));
        }
        finally
        {
            TreeRemover.Remove(original);
        }
    }

    private static async Task RoundAsync(
        string original, FaultPlan plan, Action<EmbeddedService> operation, Action<EmbeddedService, string> atTheEnd, Func<EmbeddedService, bool>? isGone)
    {
        var home = await KeptStore.CopyAsync(original);
        try
        {
            var service = Open(home);
            await service.ListContextsAsync(Token).CountAsync(Token);
            await service.SettleAsync();
            var before = Heads(service);
            Exception? failure;
            using (FaultSeam.Arm(home, plan))
            {
                failure = Record.Exception(() => operation(service));
            }
            async Task ReopenAsync()
            {
                service.Dispose();
                service = Open(home);
                await service.ListContextsAsync(Token).CountAsync(Token);
                await service.SettleAsync();
            }
            if (plan.IsDead)
            {
                await ReopenAsync();
            }
            await FaultSweep.RecoverAsync(service.Parts.Paths, ReopenAsync);
            using (service)
            {
                if (isGone is null)
                {
                    Heads(service).ShouldBe(before);
                }
                else if (failure is null)
                {
                    isGone(service).ShouldBeTrue();
                }
                (await AgbStore.CheckAsync(home, new AgbStoreCheckOptions { Deep = true }, Token)).Problems.ShouldBeEmpty();
                if (isGone is null || !isGone(service))
                {
                    operation(service);
                }
                FaultSweep.RemoveCondemned(service);
                atTheEnd(service, Heads(service));
                (await AgbStore.CheckAsync(home, new AgbStoreCheckOptions { Deep = true }, Token)).Problems.ShouldBeEmpty();
                Directory.EnumerateFileSystemEntries(service.Parts.Paths.Staging).ShouldBeEmpty();
                Directory.EnumerateDirectories(service.Parts.Paths.Layers).Count()
                    .ShouldBe(service.Parts.Catalog.Read(tx => tx.Query("SELECT id FROM layers", r => r.GetString(0)).Count));
            }
        }
        finally
        {
            TreeRemover.Remove(home);
        }
    }

    private static EmbeddedService Open(string home) => EmbeddedService.Open(new EmbeddedOptions { HomeDirectory = home, KeepVersions = KeptVersions });

    /// <summary>Makes the newest version's stack the long one that it was before it was compacted.</summary>
    private static void Deepen(EmbeddedService service)
    {
        var context = ContextId(service, "deep");
        service.Parts.Catalog.Write(tx =>
        {
            // No stack is longer than the longest that one upload makes; two below each other are.
            var stacks = VersionTable.OfContext(tx, context).Select(v => LayerStack.Parse(v.Stack)).ToArray();
            var all = stacks[0].Concat(stacks.First(s => s.Length == Compactor.MaxDepth)).Distinct().ToArray();
            all.Length.ShouldBeGreaterThan(Compactor.MaxDepth);
            VersionTable.SetStack(tx, context, stacks.Length, LayerStack.Format(all));
        });
    }

    /// <summary>Makes all versions older than any is kept for.</summary>
    private static void Age(EmbeddedService service) => service.Parts.Catalog.Write(tx => tx.Execute("UPDATE versions SET created_at = 0"));

    private static string ContextId(EmbeddedService service, string name) => service.Parts.Catalog.Read(tx => ContextTable.ByName(tx, name)!.Id);

    private static string HeadStack(EmbeddedService service, string name) =>
        service.Parts.Catalog.Read(tx => VersionTable.HeadStack(tx, ContextTable.ByName(tx, name)!));

    /// <summary>What the newest version of each context holds.</summary>
    private static string Heads(EmbeddedService service) => string.Join('\n', service.Parts.Catalog.Read(ContextTable.All)
        .Select(c => $"{c.Name} {c.Head}\n{string.Join('\n', ContextSnapshot.Read(service, c.Id))}"));
}

/// <summary>Copies of the store that is kept as a fixture.</summary>
internal static class KeptStore
{
    internal static string Unpack()
    {
        var home = NewName();
        OldStore.Unpack("format-1-schema-2", home);
        return home;
    }

    internal static async Task<string> CopyAsync(string home)
    {
        var copy = NewName();
        using var process = Process.Start(new ProcessStartInfo("cp") { ArgumentList = { "-a", home, copy } })!;
        await process.WaitForExitAsync();
        process.ExitCode.ShouldBe(0);
        return copy;
    }

    private static string NewName() => Path.Combine(Path.GetTempPath(), "agb-kept-" + Guid.NewGuid().ToString("N"));
}
