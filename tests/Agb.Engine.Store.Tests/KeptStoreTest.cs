namespace Agb.Engine.Store.Tests;

/// <summary>A store that was kept by an older program, unpacked for one test, whose sums a first deep check has taken. No session is
/// needed.</summary>
public abstract class KeptStoreTest : IAsyncLifetime
{
    private protected static CancellationToken Token => TestContext.Current.CancellationToken;

    private protected string Home { get; } = Path.Combine(Path.GetTempPath(), "agb-check-" + Guid.NewGuid().ToString("N"));

    private protected StorePaths Paths => new(Home);

    public async ValueTask InitializeAsync()
    {
        OldStore.Unpack("format-1-schema-2", Home);
        // An older store: the first deep check records what it holds.
        var first = await CheckAsync(deep: true);
        first.Problems.ShouldBeEmpty();
        first.LayersWithoutSums.ShouldBe(first.Layers);
        first.FilesWithoutHash.ShouldBeGreaterThan(0);
    }

    public ValueTask DisposeAsync()
    {
        TreeRemover.Remove(Home);
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    private protected Task<AgbStoreReport> CheckAsync(bool deep = false, bool repair = false) =>
        AgbStore.CheckAsync(Home, new AgbStoreCheckOptions { Deep = deep, Repair = repair }, Token);

    /// <summary>The layer that first stored a file under /home/data, and the file.</summary>
    private protected (string Layer, string File) Find(string name) => Directory.EnumerateDirectories(Paths.Layers)
        .Select(l => (Path.GetFileName(l), Path.Combine(l, "tree/home/data", name))).Single(f => File.Exists(f.Item2));
}
