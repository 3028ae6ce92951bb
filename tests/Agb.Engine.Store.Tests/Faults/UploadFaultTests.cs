namespace Agb.Engine.Store.Tests.Faults;

/// <summary>Each call of an upload fails in each way. What was acknowledged is there; what was not left no trace; the session keeps
/// what it has; the next try succeeds.</summary>
public sealed class UploadFaultTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<MountKind, FaultKind> Faults => FaultSweep.OnBothMounts;

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Of_a_running_session(MountKind mount, FaultKind kind)
    {
        await using var engine = await EngineFixture.CreateAsync(mount);
        var context = await engine.Service.CreateContextAsync("faults", cancellationToken: Token);
        var session = await engine.SessionAsync(context.Id);
        await EditAsync(engine, session, 0);
        await engine.SyncAsync(session);
        await FaultSweep.RunAsync(kind, faults: 2, async (plan, round) =>
        {
            var (old, before) = (engine.Content(context.Id), await CountVersionsAsync(engine, context));
            var changed = await EditAsync(engine, session, round);
            bool acknowledged;
            using (FaultSeam.Arm(engine.Home, plan))
            {
                acknowledged = await TrySyncAsync(engine, session, plan);
            }
            await RecoverAsync(engine, plan);

            var added = await CountVersionsAsync(engine, context) - before;
            ShouldBe(engine, context, added == 1 ? changed : old);
            added.ShouldBeInRange(acknowledged ? 1 : 0, acknowledged || plan.IsDead ? 1 : 0, "an upload that failed must leave no trace");
            await FaultSweep.ShouldBeSoundAsync(engine, plan);
            (await engine.RunAsync(session, "cat /data/a")).ShouldBe($"{round}");
            await engine.SyncAsync(session);
            ShouldBe(engine, context, changed);
        });
        await engine.RemoveAsync(session);
        await FaultSweep.ShouldBeSoundAsync(engine);
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public Task On_a_release_before_which_nothing_was_uploaded(MountKind mount, FaultKind kind) => ReleaseAsync(mount, kind, syncBefore: false);

    [Theory]
    [MemberData(nameof(Faults))]
    public Task On_a_release_after_a_sync(MountKind mount, FaultKind kind) => ReleaseAsync(mount, kind, syncBefore: true);

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_creation_that_fails_changes_nothing_of_the_context(MountKind mount, FaultKind kind)
    {
        Assert.SkipWhen(mount == MountKind.Overlay && kind is FaultKind.Fsync or FaultKind.ShortWrite, "Nothing is flushed or copied.");
        Assert.SkipWhen(kind == FaultKind.Fsync, "Nothing is flushed.");
        await using var engine = await EngineFixture.CreateAsync(mount);
        var context = await engine.Service.CreateContextAsync("faults", cancellationToken: Token);
        var maker = await engine.SessionAsync(context.Id);
        var content = await EditAsync(engine, maker, 1);
        await engine.RemoveAsync(maker);
        await FaultSweep.RunAsync(kind, faults: 2, async (plan, round) =>
        {
            using (FaultSeam.Arm(engine.Home, plan))
            {
                await Record.ExceptionAsync(() => engine.SessionAsync(context.Id));
            }
            await RecoverAsync(engine, plan);
            await foreach (var session in engine.Service.ListSessionsAsync(null, Token))
            {
                await engine.RemoveAsync(session);
            }
            ShouldBe(engine, context, content);
            (await CountVersionsAsync(engine, context)).ShouldBe(1);
            await FaultSweep.ShouldBeSoundAsync(engine);
        });
    }

    private static async Task ReleaseAsync(MountKind mount, FaultKind kind, bool syncBefore)
    {
        await using var engine = await EngineFixture.CreateAsync(mount);
        var context = await engine.Service.CreateContextAsync("faults", cancellationToken: Token);
        await FaultSweep.RunAsync(kind, faults: 2, async (plan, round) =>
        {
            var session = await engine.SessionAsync(context.Id);
            if (syncBefore)
            {
                await EditAsync(engine, session, -round);
                await engine.SyncAsync(session);
            }
            var (old, before) = (engine.Content(context.Id), await CountVersionsAsync(engine, context));
            var changed = await EditAsync(engine, session, round);
            Exception? failure;
            using (FaultSeam.Arm(engine.Home, plan))
            {
                failure = await Record.ExceptionAsync(() => engine.RemoveAsync(session));
            }
            var seen = engine.Content(context.Id);
            string.Join('\n', seen).ShouldBeOneOf(string.Join('\n', old), string.Join('\n', changed));
            await RecoverAsync(engine, plan);

            var added = await CountVersionsAsync(engine, context) - before;
            ShouldBe(engine, context, added == 1 ? changed : old);
            added.ShouldBeInRange(failure is null ? 1 : 0, 1);
            await FaultSweep.ShouldBeSoundAsync(engine, plan);
            if (await IsThereAsync(engine, session))
            {
                await engine.RemoveAsync(session);
            }
            ShouldBe(engine, context, changed);
            (await CountVersionsAsync(engine, context)).ShouldBe(before + 1);
            Directory.EnumerateFileSystemEntries(engine.Service.Parts.Paths.Sessions).ShouldBeEmpty();
            await FaultSweep.ShouldBeSoundAsync(engine);
        });
    }

    /// <summary>Changes, replaces, removes, adds, and renames a directory that came from the session before.</summary>
    /// <returns>What the context holds once it is uploaded.</returns>
    private static async Task<SortedDictionary<string, string>> EditAsync(EngineFixture engine, AgbSession session, int round)
    {
        await engine.RunAsync(
            session,
            $"set -e; cd /data && printf %s {round} > a && rm -rf d old* && mkdir d && printf %s {round} > d/f && chmod 600 d/f && ln -sfn t{round} link && mkdir -p e && printf x > e/x{round} && mv e old{round}; "
            + $"ls -d r* || {{ mkdir r && printf in > r/in; }}; [ -e r{round} ] || mv r* r{round}");
        return new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["/data"] = ContextSnapshot.Directory(),
            ["/data/a"] = ContextSnapshot.File($"{round}"),
            ["/data/d"] = ContextSnapshot.Directory(),
            ["/data/d/f"] = ContextSnapshot.File($"{round}", 0x180),
            ["/data/link"] = ContextSnapshot.Symlink($"t{round}"),
            [$"/data/old{round}"] = ContextSnapshot.Directory(),
            [$"/data/old{round}/x{round}"] = ContextSnapshot.File("x"),
            [$"/data/r{round}"] = ContextSnapshot.Directory(),
            [$"/data/r{round}/in"] = ContextSnapshot.File("in"),
        };
    }

    private static async Task<bool> TrySyncAsync(EngineFixture engine, AgbSession session, FaultPlan plan)
    {
        try
        {
            await engine.Service.StartSyncAsync(session, new AgbSyncRequest(), Token);
        }
        catch (Exception e) when (plan.Failed is not null && e is AgbException or DeadException or InvalidOperationException or IOException)
        {
            return false;
        }
        while (true)
        {
            var status = (await engine.Service.GetSyncStatusAsync(session, taskType: AgbSyncTaskType.Upload, cancellationToken: Token)).Single();
            if (status.Status is AgbSyncTaskStatus.Success or AgbSyncTaskStatus.Failed)
            {
                return status.Status == AgbSyncTaskStatus.Success;
            }
            // Nobody writes the end of a dead process's task, nor of one whose catalog failed; it is over when it lets go of the session.
            if (plan.Failed is not null)
            {
                using var free = FileLock.TryAcquire(engine.Service.Parts.Paths.SessionLock(session.SessionId));
                if (free is not null)
                {
                    status = (await engine.Service.GetSyncStatusAsync(session, taskType: AgbSyncTaskType.Upload, cancellationToken: Token)).Single();
                    return status.Status == AgbSyncTaskStatus.Success;
                }
            }
            await Task.Delay(1, Token);
        }
    }

    /// <summary>After a death another process comes; after an error the same one goes on.</summary>
    private static async Task RecoverAsync(EngineFixture engine, FaultPlan plan)
    {
        if (plan.IsDead)
        {
            engine.Reopen();
        }
        await engine.Service.ListSessionsAsync(null, Token).CountAsync(Token);
        await engine.Service.SettleAsync();
    }

    private static async Task<bool> IsThereAsync(EngineFixture engine, AgbSession session) =>
        await engine.Service.ListSessionsAsync(null, Token).AnyAsync(s => s.SessionId == session.SessionId, Token);

    private static Task<int> CountVersionsAsync(EngineFixture engine, AgbContext context) => Task.FromResult(
        engine.Service.Parts.Catalog.Read(tx => VersionTable.OfContext(tx, context.Id).Count));

    private static void ShouldBe(EngineFixture engine, AgbContext context, SortedDictionary<string, string> expected) =>
        string.Join("\n", engine.Content(context.Id)).ShouldBe(string.Join("\n", expected));
}
