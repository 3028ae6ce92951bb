using Microsoft.Extensions.Time.Testing;

namespace Agb.Engine.Store.Tests;

/// <summary>Who waits for a sync of its own process is woken by the end of it, not by the clock.</summary>
public sealed class RunningSyncsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_end_of_a_sync_ends_the_wait_although_no_time_passes()
    {
        var syncs = new RunningSyncs();
        var (sync, other) = (new TaskCompletionSource(), new TaskCompletionSource());
        syncs.Add("s-1", sync.Task);
        syncs.Add("s-2", other.Task);
        var wait = syncs.DelayAsync("s-1", TimeSpan.FromDays(1), new FakeTimeProvider(), Token);

        other.SetResult();
        wait.IsCompleted.ShouldBeFalse();
        sync.SetResult();
        await wait.WaitAsync(TimeSpan.FromMinutes(1), Token);
    }

    [Fact]
    public async Task A_sync_that_has_ended_ends_no_later_wait()
    {
        var syncs = new RunningSyncs();
        syncs.Add("s-1", Task.CompletedTask);
        using var cancel = new CancellationTokenSource();
        var wait = syncs.DelayAsync("s-1", TimeSpan.FromDays(1), new FakeTimeProvider(), cancel.Token);

        wait.IsCompleted.ShouldBeFalse();
        await cancel.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(wait);
    }
}
