using System.Globalization;
using Agb.Benchmarks.Measure;
using Agb.Benchmarks.Peers;

namespace Agb.Benchmarks.Work;

/// <summary>Contexts that are stored as an archive: their first sync, and sessions that see what is in them.</summary>
internal sealed class ArchiveWork : Benchmark
{
    private const int FileBytes = 29 * 1024;

    private static readonly AgbSyncPolicy s_policy = new() { Upload = new AgbUploadPolicy { UploadMode = AgbUploadMode.Archive } };

    private int _count;

    /// <inheritdoc/>
    internal override string Name => "archive";

    /// <inheritdoc/>
    internal override async IAsyncEnumerable<Row> RunAsync(TestStand stand)
    {
        var files = stand.Quick ? 200 : 7_800;
        var what = $"{files:N0} files, {(long)files * FileBytes / 1_000_000:N0} MB";
        var copiers = new Copiers(stand.Programs, stand.NewDirectory(Name));
        yield return await SyncAsync(stand, copiers, files, what).ConfigureAwait(false);
        yield return await StartAsync(stand, files, what).ConfigureAwait(false);
    }

    private async Task<Row> SyncAsync(TestStand stand, Copiers copiers, int files, string what)
    {
        AgbSession? session = null;
        var ours = new Side("agb", "Sync-AgbContext", () => stand.SyncAsync(session!))
        {
            Before = async () =>
            {
                session = await WriteAsync(stand, files, s_policy).ConfigureAwait(false);
                await stand.SettleAsync().ConfigureAwait(false);
            },
            After = () => stand.RemoveAsync(session!, discard: true),
        };
        var (from, to) = (copiers.Target("packed"), "");
        await stand.Programs.ShellAsync($"mkdir {from}; {Script(from, files)}").ConfigureAwait(false);
        var zip = copiers.Make(
            "zip", "zip -r -6; sync -f", 0.7,
            async () =>
            {
                await stand.Programs.ShellAsync($"cd {from}; exec zip -r -q -6 {to} .").ConfigureAwait(false);
                await copiers.FlushAsync(to).ConfigureAwait(false);
            },
            before: async () =>
            {
                to = copiers.Target(NextName()) + ".zip";
                await stand.SettleAsync().ConfigureAwait(false);
            },
            after: () => copiers.RemoveAsync(to));
        var comparison = new Comparison(Name, $"sync of {what}, as an archive", ours, zip);
        return (await comparison.RunAsync(stand.LongRuns, stand.WarmUps, stand.Stopping).ConfigureAwait(false))[0];
    }

    /// <summary>The first start with a version unpacks it, and is the run that does not count.</summary>
    private async Task<Row> StartAsync(TestStand stand, int files, string what)
    {
        var sides = new List<Side>();
        foreach (var policy in new[] { s_policy, new AgbSyncPolicy() })
        {
            var written = await WriteAsync(stand, files, policy).ConfigureAwait(false);
            var sync = new AgbContextSync { ContextId = written.ContextSyncs[0].ContextId, Path = "/data", Policy = policy };
            await stand.RemoveAsync(written).ConfigureAwait(false);
            AgbSession? session = null;
            sides.Add(new Side("files", "the same stored as files", async () =>
            {
                session = await stand.SessionAsync(sync).ConfigureAwait(false);
                await stand.CommandAsync(session, "cat /data/d1/f00 > /dev/null").ConfigureAwait(false);
            })
            {
                After = () => stand.RemoveAsync(session!, discard: true),
                Target = 1.5,
            });
        }
        await stand.SettleAsync().ConfigureAwait(false);
        var comparison = new Comparison(Name + "-start", $"attach an archive of {what}, not the first time", sides[0] with { Name = "agb" }, sides[1]);
        return (await comparison.RunAsync(stand.ShortRuns, warmUps: 1, stand.Stopping).ConfigureAwait(false))[0];
    }

    private async Task<AgbSession> WriteAsync(TestStand stand, int files, AgbSyncPolicy policy)
    {
        var context = await stand.Service.CreateContextAsync(NextName()).ConfigureAwait(false);
        var session = await stand.SessionAsync(new AgbContextSync { ContextId = context.Id, Path = "/data", Policy = policy }).ConfigureAwait(false);
        await stand.CommandAsync(session, Script("/data", files)).ConfigureAwait(false);
        return session;
    }

    // Programs of the host, because random bytes can't be packed.
    private static string Script(string at, int files) =>
        $"set -e; cd {at}; mkdir d1; (cat /usr/bin/* || true) 2>/dev/null | head -c {100 * FileBytes} | split -b {FileBytes} -a 2 -d - d1/f; "
        + $"for d in $(seq 2 {files / 100}); do cp -r d1 d$d; done";

    private string NextName() => string.Create(CultureInfo.InvariantCulture, $"{Name}-{++_count}");
}
