using System.Globalization;
using Agb.Benchmarks.Measure;

namespace Agb.Benchmarks.Work;

/// <summary>A command in a session that runs.</summary>
internal sealed class CommandWork : Benchmark
{
    /// <inheritdoc/>
    internal override string Name => "command";

    /// <inheritdoc/>
    internal override async IAsyncEnumerable<Row> RunAsync(TestStand stand)
    {
        var session = await stand.SessionAsync().ConfigureAwait(false);
        var missing = await stand.WhyNoPodmanAsync().ConfigureAwait(false);
        var container = missing is null
            ? await (await stand.PodmanAsync().ConfigureAwait(false)).StartContainerAsync().ConfigureAwait(false)
            : "";
        var podman = new Side(
            "podman", "podman exec CONTAINER true",
            async () => await (await stand.PodmanAsync().ConfigureAwait(false)).ExecAsync(container, "true").ConfigureAwait(false))
        {
            Target = 1 / 30.0,
            Missing = missing,
        };
        var entrance = Entrance(stand, session);
        var nsenter = new Side("nsenter", "nsenter into the same session, true", () => stand.Programs.RunAsync("nsenter", entrance))
        {
            Target = 1.1,
            Missing = stand.Programs.WhyMissing("nsenter"),
        };
        var ours = new Side("agb", "Invoke-AgbCommand", () => stand.CommandAsync(session, "true"));
        var comparison = new Comparison(Name, "a command in a running session", ours, podman, nsenter);
        var rows = await comparison.RunAsync(stand.ShortRuns * 3, stand.WarmUps * 5, stand.Stopping).ConfigureAwait(false);
        await stand.RemoveAsync(session, discard: true).ConfigureAwait(false);
        if (missing is null)
        {
            await (await stand.PodmanAsync().ConfigureAwait(false)).RemoveAllAsync().ConfigureAwait(false);
        }
        foreach (var row in rows)
        {
            yield return row;
        }
    }

    /// <summary>The arguments of nsenter alone for what a command of ours enters.</summary>
    private static string[] Entrance(TestStand stand, AgbSession session)
    {
        var handle = stand.Engine.Catalog.Read(tx => SessionTable.Find(tx, session.SessionId)!.Handle()!);
        var init = handle.InitPid.ToString(CultureInfo.InvariantCulture);
        var id = SandboxIdentity.InnerUid.ToString(CultureInfo.InvariantCulture);
        string[] user = SandboxIdentity.IsRoot ? ["--setuid", id, "--setgid", id] : ["--preserve-credentials"];
        return ["--target", init, "--user", .. user, "--mount", "--pid", "--ipc", "--uts", "--root", "--wd", "/bin/true"];
    }
}
