using Agb.Benchmarks.Measure;
using Agb.PowerShell;

namespace Agb.Benchmarks.Work;

/// <summary>Files into a running session and out of it, as Copy-AgbItem moves them, beside a pipe of two tars on the host.</summary>
internal sealed class CopyWork : Benchmark
{
    private static readonly string[] s_place = ["/tmp/copied"];

    /// <inheritdoc/>
    internal override string Name => "copy";

    /// <inheritdoc/>
    internal override async IAsyncEnumerable<Row> RunAsync(TestStand stand)
    {
        var (files, megabytes) = stand.Quick ? (200, 10) : (5000, 500);
        var session = await stand.SessionAsync().ConfigureAwait(false);
        var many = stand.NewDirectory("copy-many");
        await stand.Programs.ShellAsync(Files.Make(many, files)).ConfigureAwait(false);
        var one = stand.NewDirectory("copy-one");
        await stand.Programs.ShellAsync($"head -c {megabytes}M /dev/urandom > {one}/file").ConfigureAwait(false);
        foreach (var (tree, what) in new[] { (many, $"{files} files of 4 KiB"), (one, $"a file of {megabytes} MB") })
        {
            foreach (var comparison in new[] { Into(stand, session, tree, what), OutOf(stand, session, tree, what) })
            {
                foreach (var row in await comparison.RunAsync(stand.LongRuns, stand.WarmUps, stand.Stopping).ConfigureAwait(false))
                {
                    yield return row;
                }
            }
        }
        await stand.RemoveAsync(session, discard: true).ConfigureAwait(false);
    }

    private static Comparison Into(TestStand stand, AgbSession session, string tree, string what)
    {
        var ours = new Side("agb", "Copy-AgbItem -ToSession; sync -f", async () =>
        {
            await SendAsync(stand, session, tree).ConfigureAwait(false);
            await FlushAsync(stand, stand.Engine.Paths.Home).ConfigureAwait(false);
        })
        {
            After = () => stand.CommandAsync(session, "rm -rf /tmp/copied"),
        };
        return new Comparison($"copy/in/{Path.GetFileName(tree)}", $"{what} into a running session", ours, Tar(stand, tree));
    }

    private static Comparison OutOf(TestStand stand, AgbSession session, string tree, string what)
    {
        var target = tree + "-back";
        var ours = new Side("agb", "Copy-AgbItem -FromSession; sync -f", async () =>
        {
            var writer = new TarTarget(target, null, clobber: true, force: false, (name, why) => throw new InvalidOperationException($"{name}: {why}"), (_, _) => { });
            await new SessionTar(stand.Service, session.SessionId).ReadAsync(s_place, archive => writer.Write(archive, stand.Stopping), stand.Stopping).ConfigureAwait(false);
            await FlushAsync(stand, target).ConfigureAwait(false);
        })
        {
            Before = () => SendAsync(stand, session, tree),
            After = async () =>
            {
                await stand.Programs.RunAsync("rm", "-rf", target).ConfigureAwait(false);
                await stand.CommandAsync(session, "rm -rf /tmp/copied").ConfigureAwait(false);
            },
        };
        return new Comparison($"copy/out/{Path.GetFileName(tree)}", $"{what} out of a running session", ours, Tar(stand, tree));
    }

    private static async Task SendAsync(TestStand stand, AgbSession session, string tree)
    {
        var items = LocalTree.ReadBelow(tree, _ => { }, e => throw e, stand.Stopping)
            .Select(e => new CopyItem(Path.Combine(tree, e.Key), "copied/" + e.Key, e.Value)).ToArray();
        await using var archive = new TarSource(items, (path, cause) => throw new InvalidOperationException(path, cause), (_, _) => { });
        await new SessionTar(stand.Service, session.SessionId).WriteAsync(archive, "/tmp", "replace", stand.Stopping).ConfigureAwait(false);
    }

    private static Task FlushAsync(TestStand stand, string path) => stand.Programs.RunAsync("sync", "-f", path);

    private static Side Tar(TestStand stand, string tree)
    {
        var target = tree + "-tar";
        return new Side("tar", "tar -C FROM -cf - . | tar -C TO -xf -; sync -f", async () =>
        {
            await stand.Programs.ShellAsync($"mkdir {target} && tar -C {tree} -cf - . | tar -C {target} -xf -").ConfigureAwait(false);
            await FlushAsync(stand, target).ConfigureAwait(false);
        })
        {
            Target = 1.25,
            Missing = stand.Programs.WhyMissing("tar"),
            After = () => stand.Programs.RunAsync("rm", "-rf", target),
        };
    }
}
