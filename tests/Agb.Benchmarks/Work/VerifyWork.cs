using Agb.Benchmarks.Measure;

namespace Agb.Benchmarks.Work;

/// <summary>A deep check of a store beside the checksums of its files by a program.</summary>
internal sealed class VerifyWork : Benchmark
{
    /// <inheritdoc/>
    internal override string Name => "fsck";

    /// <inheritdoc/>
    internal override async IAsyncEnumerable<Row> RunAsync(TestStand stand)
    {
        var (files, mebibytes) = stand.Quick ? (200, 8) : (20_000, 512);
        var home = stand.NewDirectory("fsck-home");
        using (var service = EmbeddedService.Open(new EmbeddedOptions { HomeDirectory = home }))
        {
            var context = await service.CreateContextAsync("fsck").ConfigureAwait(false);
            var session = await service.CreateSessionAsync(new AgbSessionRequest
            {
                ContextSyncs = [new AgbContextSync { ContextId = context.Id, Path = "/data" }],
            }).ConfigureAwait(false);
            var script = Files.Make("/data", files) + $"; head -c {mebibytes}M /dev/urandom > /data/large";
            await service.RunCommandAsync(session, new AgbCommandRequest { Command = script }).ConfigureAwait(false);
            await service.RemoveSessionAsync(session).ConfigureAwait(false);
        }
        await stand.SettleAsync().ConfigureAwait(false);
        // The run that does not count records the hashes that the upload left out.
        var ours = new Side("agb", "fsck --deep", async () =>
        {
            var report = await AgbStore.CheckAsync(home, new AgbStoreCheckOptions { Deep = true }).ConfigureAwait(false);
            if (!report.IsSound || report.BytesRead < (long)mebibytes << 20)
            {
                throw new InvalidOperationException($"The check read {report.BytesRead} bytes, and found {report.Problems.Count} problems.");
            }
        });
        var theirs = stand.Programs.WhyMissing("sha256sum") is { } missing
            ? Side.NotHere("sha256sum", "sha256sum", missing)
            : new Side("sha256sum", "sha256sum of the same files, by one process", () => stand.Programs.ShellAsync(
                $"find {home}/layers -type f -path '*/tree/*' -print0 | xargs -0 -n 100000 sha256sum > /dev/null"));
        var comparison = new Comparison(
            Name, $"fsck --deep of a store with {files:N0} files and one of {mebibytes:N0} MiB", ours, theirs with { Target = 0.7 });
        foreach (var row in await comparison.RunAsync(stand.LongRuns, warmUps: 1, stand.Stopping).ConfigureAwait(false))
        {
            yield return row;
        }
    }
}
