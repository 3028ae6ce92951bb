using Microsoft.Extensions.Time.Testing;
using Agb.Engine.Tests.Conformance;

namespace Agb.Engine.Tests.Sessions;

public sealed class SyncProgressTests : IDisposable
{
    private readonly TemporaryHome _home = new();
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public async Task A_running_task_shows_what_was_moved_a_few_times_a_second()
    {
        using var service = EmbeddedService.Open(new EmbeddedOptions { HomeDirectory = _home.Path, TimeProvider = _clock });
        var context = await service.CreateContextAsync("progress", cancellationToken: TestContext.Current.CancellationToken);
        var parts = service.Parts;
        var tasks = new SyncTasks(parts);
        var mount = new MountRow
        {
            SessionId = "s-progress",
            Name = "m0",
            ContextId = context.Id,
            Path = "/home/data",
            Policy = new AgbSyncPolicy(),
            Kind = MountKind.Copy,
            Stack = "",
            Seen = 0,
        };
        parts.Catalog.WriteLazily(tx =>
        {
            SessionTable.Insert(
                tx,
                new SessionRow
                {
                    Id = mount.SessionId,
                    ImageId = "agb-code-space-1",
                    Status = AgbSessionStatus.Running,
                    Network = AgbNetwork.None,
                    CreatedAt = _clock.GetUtcNow(),
                    Owner = ProcessOwner.Current,
                },
                new Dictionary<string, string>());
            tasks.Register(tx, mount, AgbSyncTaskType.Upload);
            tasks.Begin(tx, mount, AgbSyncTaskType.Upload);
        });
        var progress = tasks.ProgressOf(parts.Catalog, parts.Time, mount, AgbSyncTaskType.Upload, registered: null);
        Move();
        Shown().ShouldBe((AgbSyncTaskStatus.Running, 0, 0), "too soon");
        _clock.Advance(TimeSpan.FromMilliseconds(300));
        Move();
        Shown().ShouldBe((AgbSyncTaskStatus.Running, 1, 2000));
        Move();
        Shown().ShouldBe((AgbSyncTaskStatus.Running, 1, 2000), "too soon after the one before");
        _clock.Advance(TimeSpan.FromMilliseconds(300));
        Move();
        Shown().ShouldBe((AgbSyncTaskStatus.Running, 3, 4000));

        void Move()
        {
            progress.AddBytes(1000);
            progress.AddFile();
        }

        (AgbSyncTaskStatus, long, long) Shown()
        {
            var task = parts.Catalog.Read(tx => TaskTable.OfSession(tx, mount.SessionId)).ShouldHaveSingleItem();
            return (task.Status, task.Files, task.Bytes);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _home.Delete();
}
