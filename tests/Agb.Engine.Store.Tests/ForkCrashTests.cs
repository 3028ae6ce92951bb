namespace Agb.Engine.Store.Tests;

/// <summary>Forks beside kills, other work on the session, and damage.</summary>
public sealed class ForkCrashTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<MountKind, string> Points
    {
        get
        {
            var data = new TheoryData<MountKind, string>();
            foreach (var point in (string[])[FaultPoint.ForkStopped, FaultPoint.ForkMoved, FaultPoint.ForkSwapped, FaultPoint.ForkCopied, FaultPoint.ForkRegistered])
            {
                data.Add(MountKind.Overlay, point);
                if (point is not (FaultPoint.ForkMoved or FaultPoint.ForkSwapped))
                {
                    data.Add(MountKind.Copy, point);
                }
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Points))]
    public async Task A_fork_that_is_killed_leaves_the_session_running_and_no_half_fork(MountKind kind, string point)
    {
        await using var engine = await EngineFixture.CreateAsync(kind);
        var (context, session, old, _) = await CrashTests.PrepareAsync(engine);
        await engine.RunAsync(session, "mkdir ~/many; for i in $(seq 600); do echo $i >~/many/$i; echo $i >/data/m$i; done");
        await engine.RunAsync(session, "(while :; do echo x >>/tmp/ticks; sleep 0.02; done) >/dev/null 2>&1 </dev/null &");

        await CrashTests.CrashAsync(engine, "fork", session, point);

        // The stopped processes go on without another engine.
        var before = await TicksAsync(engine, session);
        await Task.Delay(200, Token);
        (await TicksAsync(engine, session)).ShouldBeGreaterThan(before);
        engine.Reopen();
        await engine.Service.RecoverAsync();
        await engine.Service.SettleAsync();
        (await engine.Service.ListSessionsAsync(cancellationToken: Token).Select(s => s.SessionId).ToListAsync(Token)).ShouldBe([session.SessionId]);
        // Moved trees are a layer of the session.
        var used = engine.Service.Parts.Catalog.Read(tx => ForkTable.OfSession(tx, session.SessionId)).Values.SelectMany(LayerStack.Parse).Distinct();
        Directory.EnumerateDirectories(engine.Service.Parts.Paths.Forks).Select(d => Path.GetFileName(d)!).ShouldBe(used, ignoreOrder: true);
        (await engine.RunAsync(session, "echo new >~/many/1; ls ~/many | wc -l; ls /data | grep -c ^m; touch /data/m1")).ShouldBe("600\n600\n");
        string.Join("\n", engine.Content(context.Id)).ShouldBe(string.Join("\n", old));
        (await engine.RunAsync(session, "cat /data/a /data/c /data/d/z")).ShouldBe("changednewz");

        var fork = (await engine.Service.ForkSessionAsync(session, 1, Token))[0];
        (await engine.RunAsync(fork, "cat /data/a /data/c /data/d/z ~/many/1; ls /data | grep -v ^m; ls ~/many /data | wc -l")).ShouldBe("changednewznew\na\nc\nd\ne\nlink\n1208\n");
        await engine.RemoveAsync(fork);
        await engine.Service.RemoveSessionAsync(session, AgbReleaseMode.Discard, Token);
        await CrashTests.ShouldBeTidyAsync(engine);
    }

    [Fact]
    public async Task Renamed_directories_and_hard_links_come_along()
    {
        await using var engine = await EngineFixture.CreateAsync(MountKind.Overlay);
        var (context, session, _, changed) = await CrashTests.PrepareAsync(engine, renames: true);
        await engine.RunAsync(session, "cd /data && printf 1 > one && ln one two && mkdir -p renamed/more && printf m > renamed/more/m");

        var fork = (await engine.Service.ForkSessionAsync(session, 1, Token))[0];

        await engine.Service.RemoveSessionAsync(session, AgbReleaseMode.Discard, Token);
        (await engine.RunAsync(fork, "cd /data && stat -c %h one && cat renamed/f/g && ls && printf 2 > one && cat two")).ShouldBe("2\nga\nc\nd\nlink\none\nrenamed\ntwo\n2");
        await engine.SyncAsync(fork);
        changed["/data/one"] = changed["/data/two"] = ContextSnapshot.File("2");
        changed["/data/renamed/more"] = ContextSnapshot.Directory();
        changed["/data/renamed/more/m"] = ContextSnapshot.File("m");
        string.Join("\n", engine.Content(context.Id)).ShouldBe(string.Join("\n", changed));
        await engine.RemoveAsync(fork);
        await CrashTests.ShouldBeTidyAsync(engine);
    }

    [Fact]
    public async Task Forks_beside_a_sync_and_a_release_and_each_other_are_whole()
    {
        await using var engine = await EngineFixture.CreateAsync(MountKind.Overlay);
        var (_, session, _, _) = await CrashTests.PrepareAsync(engine);

        var work = new[]
        {
            engine.Service.ForkSessionAsync(session, 2, Token), engine.Service.ForkSessionAsync(session, 2, Token),
        };
        await engine.SyncAsync(session);
        var forks = (await Task.WhenAll(work)).SelectMany(f => f).ToArray();

        foreach (var fork in forks)
        {
            (await engine.RunAsync(fork, "cat /data/a /data/c /data/d/z")).ShouldBe("changednewz");
        }
        var release = engine.RemoveAsync(session);
        var late = engine.Service.ForkSessionAsync(session, 1, Token);
        await release;
        try
        {
            forks = [.. forks, .. await late];
        }
        catch (AgbException e) when (e.ErrorId is AgbErrorIds.SessionNotFound or AgbErrorIds.SessionNotRunning)
        {
            // The release came first.
        }
        await Task.WhenAll(forks.Select(engine.RemoveAsync));
        await CrashTests.ShouldBeTidyAsync(engine);
    }

    [Fact]
    public async Task A_check_knows_fork_layers()
    {
        await using var engine = await EngineFixture.CreateAsync(MountKind.Overlay);
        var (_, session, _, _) = await CrashTests.PrepareAsync(engine);
        var fork = (await engine.Service.ForkSessionAsync(session, 1, Token))[0];
        var paths = engine.Service.Parts.Paths;
        (await AgbStore.CheckAsync(engine.Home, new AgbStoreCheckOptions(), Token)).Problems.ShouldBeEmpty();

        Directory.CreateDirectory(paths.Fork("left"));
        var left = (await AgbStore.CheckAsync(engine.Home, new AgbStoreCheckOptions(), Token)).Problems.ShouldHaveSingleItem();
        (left.Kind, left.Path).ShouldBe((AgbStoreProblemKind.SessionLeftover, "forks/left"));
        await AgbStore.CheckAsync(engine.Home, new AgbStoreCheckOptions { Repair = true }, Token);
        Directory.Exists(paths.Fork("left")).ShouldBeFalse();

        var layer = Directory.EnumerateDirectories(paths.Forks).Single();
        Directory.Move(Path.Combine(layer, "m0"), Path.Combine(layer, "moved"));
        var missing = (await AgbStore.CheckAsync(engine.Home, new AgbStoreCheckOptions(), Token)).Problems.ShouldHaveSingleItem();
        (missing.Kind, missing.SessionId).ShouldBe((AgbStoreProblemKind.SessionTreeMissing, fork.SessionId));
        Directory.Move(Path.Combine(layer, "moved"), Path.Combine(layer, "m0"));
    }

    private static async Task<int> TicksAsync(EngineFixture engine, AgbSession session) =>
        int.Parse(await engine.RunAsync(session, "wc -l </tmp/ticks"), System.Globalization.CultureInfo.InvariantCulture);
}
