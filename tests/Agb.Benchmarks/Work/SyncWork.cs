using Agb.Benchmarks.Measure;
using Agb.Benchmarks.Peers;

namespace Agb.Benchmarks.Work;

/// <summary>Durable syncs of what differs little or not at all from what is stored.</summary>
internal sealed class SyncWork : Benchmark
{
    /// <inheritdoc/>
    internal override string Name => "sync";

    /// <inheritdoc/>
    internal override async IAsyncEnumerable<Row> RunAsync(TestStand stand)
    {
        var (files, changed) = stand.Quick ? (400, 4) : (20_000, 200);
        var copiers = new Copiers(stand.Programs, stand.NewDirectory("sync"));
        var source = stand.NewDirectory("sync-source");
        await stand.Programs.ShellAsync(Files.Make(source, files)).ConfigureAwait(false);
        await copiers.ResticInitAsync(source).ConfigureAwait(false);
        var context = await stand.ContextWithFilesAsync("sync", files).ConfigureAwait(false);
        var session = await stand.SessionAsync(context.Id).ConfigureAwait(false);

        // What was changed is on the device before anything is measured: the sync is the work.
        async Task ChangeOursAsync()
        {
            await stand.CommandAsync(session, Files.Change("/data", files, changed)).ConfigureAwait(false);
            await stand.SettleAsync().ConfigureAwait(false);
        }

        async Task ChangeTheirsAsync()
        {
            await stand.Programs.ShellAsync(Files.Change(source, files, changed)).ConfigureAwait(false);
            await stand.SettleAsync().ConfigureAwait(false);
        }

        IEnumerable<Side> Peers(double target, Func<Task>? before)
        {
            var rsync = copiers.Target("rsync");
            var rclone = copiers.Target("rclone");
            yield return copiers.Make(
                "rsync", "rsync -a; sync -f", target, copiers.Durable(() => copiers.RsyncAsync(source, rsync), rsync), before);
            yield return copiers.Make(
                "restic", "restic backup; sync -f", null,
                copiers.Durable(() => copiers.ResticBackupAsync(source), copiers.ResticRepository), before);
            yield return copiers.Make(
                "rclone", "rclone sync; sync -f", null, copiers.Durable(() => copiers.RcloneAsync("sync", source, rclone), rclone), before);
        }

        // The first run, which does not count, fills the peers' targets.
        var ours = new Side("agb", "Sync-AgbContext", () => stand.SyncAsync(session));
        var some = new Comparison(
            "sync-changed", $"sync after {changed} of {files:N0} files changed", ours with { Before = ChangeOursAsync },
            Peers(0.25, ChangeTheirsAsync));
        foreach (var row in await some.RunAsync(stand.LongRuns, warmUps: 1, stand.Stopping).ConfigureAwait(false))
        {
            yield return row;
        }
        await stand.SettleAsync().ConfigureAwait(false);
        var nothing = new Comparison("sync-nothing", $"sync when nothing of {files:N0} files changed", ours, Peers(1 / 20.0, null));
        foreach (var row in await nothing.RunAsync(stand.LongRuns, warmUps: 1, stand.Stopping).ConfigureAwait(false))
        {
            yield return row;
        }
        await stand.RemoveAsync(session, discard: true).ConfigureAwait(false);
    }
}
