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
        var comparison = new Comparison(Name, "a session, to its first command's result", ours, podman, Bubblewrap(stand, 2.5));
        foreach (var row in await comparison.RunAsync(stand.ShortRuns, stand.WarmUps, stand.Stopping).ConfigureAwait(false))
        {
            yield return row;
        }
        foreach (var row in await RunPreparedAsync(stand, podman with { Target = 0.05 }).ConfigureAwait(false))
        {
            yield return row;
        }
    }

    /// <summary>The same from a sandbox that stands ready, with a large context.</summary>
    private async Task<IReadOnlyList<Row>> RunPreparedAsync(TestStand stand, Side podman)
    {
        using var service = EmbeddedService.Open(new EmbeddedOptions { HomeDirectory = stand.NewDirectory("prepared"), PreparedSandboxes = 1 });
        var files = stand.Quick ? 200 : 20_000;
        var context = await service.CreateContextAsync("prepared").ConfigureAwait(false);
        var request = new AgbSessionRequest { ContextSyncs = [new AgbContextSync { ContextId = context.Id, Path = "/data" }] };
        var filling = await service.CreateSessionAsync(request).ConfigureAwait(false);
        await service.RunCommandAsync(filling, new AgbCommandRequest { Command = Files.Make("/data", files) }).ConfigureAwait(false);
        await service.RemoveSessionAsync(filling).ConfigureAwait(false);
        AgbSession? session = null;
        var ours = new Side("prepared", "New-AgbSession -Path, Invoke-AgbCommand, from a sandbox that stands ready", async () =>
        {
            session = await service.CreateSessionAsync(request).ConfigureAwait(false);
            await service.RunCommandAsync(session, new AgbCommandRequest { Command = "true" }).ConfigureAwait(false);
        })
        {
            Before = async () =>
            {
                while (service.Prepared.Ready == 0)
                {
                    await Task.Delay(10).ConfigureAwait(false);
                }
            },
            After = () => service.RemoveSessionAsync(session!, AgbReleaseMode.Discard),
        };
        var comparison = new Comparison(
            "prepared", $"a session from a prepared sandbox, with a context of {files:N0} files, to its first command's result", ours, podman, Bubblewrap(stand, 0.9));
        return await comparison.RunAsync(stand.ShortRuns, stand.WarmUps, stand.Stopping).ConfigureAwait(false);
    }

    // The namespaces that a session has, and nothing of its file system.
    private static Side Bubblewrap(TestStand stand, double target) => new("bwrap", "bwrap, same namespaces, true", () => stand.Programs.RunAsync(
        "bwrap", "--unshare-user", "--uid", "1000", "--gid", "1000", "--unshare-pid", "--unshare-ipc", "--unshare-uts",
        "--unshare-cgroup-try", "--hostname", "agb", "--as-pid-1", "--die-with-parent", "--cap-drop", "ALL",
        "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "true"))
    {
        Target = target,
        Missing = stand.Programs.WhyMissing("bwrap"),
    };
}
