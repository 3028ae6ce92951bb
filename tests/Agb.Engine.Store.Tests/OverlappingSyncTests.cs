namespace Agb.Engine.Store.Tests;

/// <summary>A sync that is started while another one of the same mount is at work is its own task: that the first one is done says
/// nothing of it.</summary>
public sealed class OverlappingSyncTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_second_is_not_done_before_it_has_uploaded()
    {
        await using var engine = await EngineFixture.CreateAsync(MountKind.Overlay);
        var context = await engine.Service.CreateContextAsync("overlap", cancellationToken: Token);
        var session = await engine.SessionAsync(context.Id);
        using var gates = new Gates(() => engine.Service.Parts.Catalog.Read(tx => TaskTable.OfSession(tx, session.SessionId))
            .Single(t => t.TaskType == AgbSyncTaskType.Upload).Status);
        using (FaultSeam.Arm(engine.Home, gates))
        {
            await engine.RunAsync(session, "echo 1 > /data/first");
            await engine.Service.StartSyncAsync(session, new AgbSyncRequest(), Token);
            await gates.First.Reached.WaitAsync(Token);
            // The first one has looked at the session's tree by now.
            await engine.RunAsync(session, "echo 2 > /data/second");
            await engine.Service.StartSyncAsync(session, new AgbSyncRequest(), Token);
            gates.First.Open.Release();
            // The second one begins when the first has let go of the session.
            await gates.Second.Reached.WaitAsync(Token);
            gates.Seen.ShouldNotBeEmpty();
            gates.Seen.ShouldNotContain(AgbSyncTaskStatus.Success, "what was seen while the first one came to its end");
            var status = (await engine.Service.GetSyncStatusAsync(session, taskType: AgbSyncTaskType.Upload, cancellationToken: Token)).Single();
            status.Status.ShouldBe(AgbSyncTaskStatus.Running);
            engine.Content(context.Id).Keys.ShouldBe(["/data", "/data/first"]);
            gates.Second.Open.Release();
            var done = await engine.Service.WaitSyncAsync(session, TimeSpan.FromMinutes(1), cancellationToken: Token);
            done.Single(t => t.TaskType == AgbSyncTaskType.Upload).Version.ShouldBe(2);
        }
        engine.Content(context.Id).Keys.ShouldBe(["/data", "/data/first", "/data/second"]);
        await engine.RemoveAsync(session);
    }

    /// <summary>Stops each of two uploads before it makes its marker, and looks at the status after each transaction between.</summary>
    private sealed class Gates(Func<AgbSyncTaskStatus> look) : IFaults, IDisposable
    {
        private int _markers;
        private bool _isOpen;

        internal (SemaphoreSlim Reached, SemaphoreSlim Open) First { get; } = (new(0), new(0));

        internal (SemaphoreSlim Reached, SemaphoreSlim Open) Second { get; } = (new(0), new(0));

        internal System.Collections.Concurrent.ConcurrentQueue<AgbSyncTaskStatus> Seen { get; } = [];

        public long Reach(string operation, string path, long count)
        {
            if (operation == "committed" && Volatile.Read(ref _isOpen) && Volatile.Read(ref _markers) == 1)
            {
                Seen.Enqueue(look());
            }
            if (operation == "symlink" && path.EndsWith(".owner", StringComparison.Ordinal))
            {
                var gate = Interlocked.Increment(ref _markers) == 1 ? First : Second;
                gate.Reached.Release();
                gate.Open.Wait(TimeSpan.FromMinutes(1)).ShouldBeTrue();
                Volatile.Write(ref _isOpen, true);
            }
            return count;
        }

        public void Dispose()
        {
            foreach (var semaphore in (SemaphoreSlim[])[First.Reached, First.Open, Second.Reached, Second.Open])
            {
                semaphore.Dispose();
            }
        }
    }
}
