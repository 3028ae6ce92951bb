using Agb.Benchmarks.Measure;

namespace Agb.Benchmarks.Work;

/// <summary>A new session and its first command.</summary>
internal sealed class CreateWork : Benchmark
{
    /// <inheritdoc/>
    internal override string Name => "create";

    /// <inheritdoc/>
    internal override async IAsyncEnumerable<Row> RunAsync(TestStand stand)
    {
        AgbSession? session = null;
        var ours = new Side("agb", "New-AgbSession, Invoke-AgbCommand", async () =>
        {
            session = await stand.SessionAsync().ConfigureAwait(false);
            await stand.CommandAsync(session, "true").ConfigureAwait(false);
        })
        {
            After = () => stand.RemoveAsync(session!, discard: true),
        };
        var podman = new Side(
            "podman", "podman run --rm IMAGE true", async () => await (await stand.PodmanAsync().ConfigureAwait(false)).RunOnceAsync("true").ConfigureAwait(false))
        {
            Target = 1 / 15.0,
            Missing = await stand.WhyNoPodmanAsync().ConfigureAwait(false),
        };
        // The namespaces that a session has, and nothing of its file system.
        var bubblewrap = new Side("bwrap", "bwrap, same namespaces, true", () => stand.Programs.RunAsync(
            "bwrap", "--unshare-user", "--uid", "1000", "--gid", "1000", "--unshare-pid", "--unshare-ipc", "--unshare-uts",
            "--unshare-cgroup-try", "--hostname", "agb", "--as-pid-1", "--die-with-parent", "--cap-drop", "ALL",
            "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "true"))
        {
            Target = 2.5,
            Missing = stand.Programs.WhyMissing("bwrap"),
        };
        var comparison = new Comparison(Name, "a session, to its first command's result", ours, podman, bubblewrap);
        foreach (var row in await comparison.RunAsync(stand.ShortRuns, stand.WarmUps, stand.Stopping).ConfigureAwait(false))
        {
            yield return row;
        }
    }
}
