using Agb.Benchmarks.Measure;

namespace Agb.Benchmarks.Work;

/// <summary>A command in a suspended session, which it resumes.</summary>
internal sealed class SleepWork : Benchmark
{
    /// <inheritdoc/>
    internal override string Name => "sleep";

    /// <inheritdoc/>
    internal override async IAsyncEnumerable<Row> RunAsync(TestStand stand)
    {
        var session = await stand.SessionAsync().ConfigureAwait(false);
        var sleep = (ISessionSleepService)stand.Service;
        var awake = new Side("awake", "a command in the same session, resumed before", () => stand.CommandAsync(session, "true"))
        {
            // The same work comes before both, so that the caches are alike.
            Before = async () =>
            {
                await sleep.SuspendSessionAsync(session, stand.Stopping).ConfigureAwait(false);
                await sleep.ResumeSessionAsync(session, stand.Stopping).ConfigureAwait(false);
            },
            Target = 1.2,
        };
        var ours = new Side("agb", "Invoke-AgbCommand after Suspend-AgbSession", () => stand.CommandAsync(session, "true"))
        {
            Before = () => sleep.SuspendSessionAsync(session, stand.Stopping),
        };
        var comparison = new Comparison(Name, "resume of a suspended session, to a command's result", ours, awake);
        var rows = await comparison.RunAsync(stand.ShortRuns * 3, stand.WarmUps * 5, stand.Stopping).ConfigureAwait(false);
        await stand.RemoveAsync(session, discard: true).ConfigureAwait(false);
        foreach (var row in rows)
        {
            yield return row;
        }
    }
}
