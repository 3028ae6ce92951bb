namespace Agb.Engine.Store.Tests;

/// <summary>Files of earlier versions with several names: a session that writes to one by one name sees it by all, and so does the next version.</summary>
public sealed class HardLinkTests
{
    private const string Made = """
        mkdir -p one two/deep; echo a > one/a; ln one/a two/b; ln one/a two/deep/c; echo p > one/p; ln one/p one/q; echo k > keep; ln keep kept
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>What a session does, a sync after each.</summary>
    public static TheoryData<string[]> Histories => new(
        ["echo x >> one/a"],
        ["echo x > two/b", "echo y >> one/a"],
        ["echo x >> one/a; rm one/a"],
        ["echo x >> one/a", "rm one/a", "echo y >> two/deep/c"],
        ["rm one/a; echo x >> two/b"],
        ["chmod 600 one/p", "touch -d @1000000000 one/q"],
        ["R two moved; echo x >> one/a", "echo z >> moved/deep/c"],
        ["R one/a two/new; echo x >> two/b", "R two/deep deep; echo y >> deep/c"],
        ["echo x >> one/p; rm one/q", "echo q > one/q"],
        ["ln one/a fourth; echo x >> fourth", "rm two/b; echo y >> one/a"],
        ["echo new > t; R t one/a; echo y >> two/b"],
        ["rm -r two; echo x >> one/a"],
        ["rm one/a two/b two/deep/c", "echo again > one/a"],
        ["mkdir other; R two other/two; echo x >> other/two/b; rm -r one"],
        ["exec 3>>one/a; exec 3>&-"],
        ["cat one/a kept; rm one/p"]);

    [Theory]
    [MemberData(nameof(Histories))]
    public Task What_is_synced_is_what_the_session_shows(string[] history) => RunAsync(history, syncs: true);

    [Theory]
    [MemberData(nameof(Histories))]
    public Task What_is_released_is_what_the_session_showed(string[] history) => RunAsync(history, syncs: false);

    [Fact]
    public async Task A_name_shows_at_once_what_was_written_by_another()
    {
        await using var engine = await CreateAsync();
        var context = await MakeAsync(engine, Made);
        var session = await engine.SessionAsync(context.Id);
        (await engine.RunAsync(session, "cd /data; echo x >> one/a; cat two/b; stat -c %h two/deep/c")).ShouldBe("a\nx\n3\n");
    }

    [Fact]
    public async Task A_session_whose_processes_ended_by_themselves_is_uploaded_whole()
    {
        await using var engine = await CreateAsync();
        var context = await MakeAsync(engine, Made);
        var session = await engine.SessionAsync(context.Id);
        await engine.RunAsync(session, "cd /data; echo x >> one/a; rm one/a");
        var shown = await ShowAsync(engine, session);
        SandboxStopper.Stop(engine.Service.Parts.Catalog.Read(tx => SessionTable.Find(tx, session.SessionId))!.Handle()!, Token);

        await engine.Service.RemoveSessionAsync(session, cancellationToken: Token);
        await RequireAsync(engine, context, shown);
    }

    [Fact]
    public async Task A_tree_as_deep_as_contexts_store_is_gone_through()
    {
        await using var engine = await CreateAsync();
        var context = await MakeAsync(engine, Made);
        var session = await engine.SessionAsync(context.Id);
        await engine.RunAsync(session, "cd /data; echo x >> one/a; rm two/b; for i in $(seq 500); do mkdir d && cd d || exit 1; done; echo end > end");
        await engine.RemoveAsync(session);
        var next = await engine.SessionAsync(context.Id);
        (await engine.RunAsync(next, "cd /data; cat one/a two/deep/c; for i in $(seq 500); do cd d; done; cat end")).ShouldBe("a\nx\na\nx\nend\n");
    }

    [Fact]
    public async Task A_program_that_runs_keeps_its_names()
    {
        await using var engine = await CreateAsync();
        var context = await MakeAsync(engine, "mkdir one two; cp /bin/true one/program; ln one/program two/program");
        var session = await engine.SessionAsync(context.Id);
        await engine.RunAsync(session, "cd /data; cat /bin/sleep > one/program; (one/program 1000 >/dev/null 2>&1 &)");
        await engine.SyncAsync(session);
        await RequireAsync(engine, context, await ShowAsync(engine, session));
    }

    [Theory]
    [InlineData("session-stopped")]
    [InlineData("staging-written")]
    [InlineData("layer-placed")]
    [InlineData("version-recorded")]
    [InlineData("session-files-removed")]
    public async Task A_release_that_is_killed_is_finished(string point)
    {
        await using var engine = await CreateAsync();
        var context = await MakeAsync(engine, Made);
        var session = await engine.SessionAsync(context.Id);
        await engine.RunAsync(session, "cd /data; echo x >> one/a; rm one/a; echo y >> one/p");
        var shown = await ShowAsync(engine, session);
        await CrashTests.CrashAsync(engine, "release", session, point);
        engine.Reopen();
        await engine.Service.RecoverAsync();
        await RequireAsync(engine, context, shown);
    }

    [Fact]
    public async Task The_kernel_keeps_an_index_where_a_layer_has_such_files_and_else_none()
    {
        await using var engine = await CreateAsync();
        var (with, without) = (await MakeAsync(engine, Made), await MakeAsync(engine, "mkdir d; echo a > d/a"));
        (await OptionsAsync(with)).ShouldContain("index=on");
        (await OptionsAsync(without)).ShouldNotContain("index=on");

        // A layer of which nobody knows, as those of earlier modules.
        engine.Service.Parts.Catalog.Write(tx => tx.Execute("UPDATE layers SET links = NULL"));
        (await OptionsAsync(without)).ShouldContain("index=on");

        async Task<string> OptionsAsync(AgbContext context)
        {
            var session = await engine.SessionAsync(context.Id);
            var options = await engine.RunAsync(session, "grep ' /data ' /proc/self/mountinfo");
            await engine.RemoveAsync(session);
            return options;
        }
    }

    [Fact]
    public async Task Merged_layers_keep_them_together()
    {
        await using var engine = await CreateAsync();
        var context = await MakeAsync(engine, Made);
        for (var i = 0; i < 40; i++)
        {
            var session = await engine.SessionAsync(context.Id);
            await engine.RunAsync(session, $"cd /data; echo {i} > n{i % 3}; echo {i} >> one/p");
            await engine.RemoveAsync(session);
        }
        await engine.Service.SettleAsync();
        RenameTests.Stack(engine, context).Length.ShouldBeLessThan(40);
        await RunAsync(engine, context, ["echo x >> two/b", "echo y >> one/q"], syncs: true);
    }

    [Fact]
    public async Task What_is_planned_names_all_names()
    {
        await using var engine = await CreateAsync();
        var context = await MakeAsync(engine, Made);
        var session = await engine.SessionAsync(context.Id);
        await engine.RunAsync(session, "cd /data; echo x >> one/a");
        var plan = await engine.Service.PlanSyncAsync(session, new AgbSyncRequest(), Token);
        plan.Select(i => i.Path).Order(StringComparer.Ordinal).ShouldBe(["/data/one/a", "/data/two/b", "/data/two/deep/c"]);
    }

    [Fact]
    public async Task Another_mount_of_the_session_below_is_left_alone()
    {
        await using var engine = await CreateAsync();
        var (outer, inner) = (await MakeAsync(engine, Made + "; mkdir in"), await MakeAsync(engine, "mkdir d; for i in $(seq 300); do echo $i > d/$i; done"));
        var session = await engine.Service.CreateSessionAsync(
            new AgbSessionRequest
            {
                ContextSyncs =
                [
                    new AgbContextSync { ContextId = outer.Id, Path = "/data" },
                    new AgbContextSync { ContextId = inner.Id, Path = "/inner", Policy = new AgbSyncPolicy { Mapping = new AgbMappingPolicy { Path = "/data" } } },
                ],
            },
            Token);
        await engine.RunAsync(session, "echo x >> /data/one/a");
        await engine.SyncAsync(session);
        (await engine.Service.ListContextVersionsAsync(inner, Token).CountAsync(Token)).ShouldBe(1);
        await engine.RemoveAsync(session);
    }

    [Theory]
    [InlineData(MountKind.UserOverlay, "old new old")]
    [InlineData(MountKind.Copy, "new new new")]
    public async Task In_other_mounts_a_write_by_one_name(MountKind kind, string expected)
    {
        await using var engine = await EngineFixture.CreateAsync(kind);
        var context = await MakeAsync(engine, "echo old > a; ln a b; ln a c");
        var session = await engine.SessionAsync(context.Id);
        (await engine.RunAsync(session, "cd /data; stat -c %h a")).ShouldBe("3\n");
        const string Show = "cd /data; echo $(cat a) $(cat b) $(cat c)";
        (await engine.RunAsync(session, "echo new > /data/b; " + Show)).ShouldBe(expected + "\n");
        await engine.RemoveAsync(session);

        var next = await engine.SessionAsync(context.Id);
        (await engine.RunAsync(next, Show)).ShouldBe(expected + "\n");
        (await engine.RunAsync(next, "cd /data; [ a -ef c ] && echo one")).ShouldBe("one\n");
        await engine.RemoveAsync(next);
    }

    [Theory]
    [InlineData(MountKind.Overlay)]
    [InlineData(MountKind.UserOverlay)]
    [InlineData(MountKind.Copy)]
    public async Task Names_that_one_session_made_stay_one_file(MountKind kind)
    {
        await using var engine = await EngineFixture.CreateAsync(kind);
        var context = await engine.Service.CreateContextAsync("links", cancellationToken: Token);
        var session = await engine.SessionAsync(context.Id);
        await engine.RunAsync(session, "cd /data; echo old > a; ln a b");
        await engine.SyncAsync(session);
        (await engine.RunAsync(session, "cd /data; echo new > b; cat a")).ShouldBe("new\n");
        await engine.RemoveAsync(session);
        engine.Content(context.Id)["/data/a"].ShouldBe(ContextSnapshot.File("new\n"));
    }

    /// <summary>A download that replaces or removes one name changes the change time that all names share; the others are still untouched.</summary>
    [Theory]
    [InlineData(MountKind.Overlay)]
    [InlineData(MountKind.UserOverlay)]
    [InlineData(MountKind.Copy)]
    public async Task A_download_that_takes_one_name_away_leaves_the_others_untouched(MountKind kind)
    {
        await using var engine = await EngineFixture.CreateAsync(kind);
        var context = await engine.Service.CreateContextAsync("links", cancellationToken: Token);
        var writer = await engine.SessionAsync(context.Id);
        await engine.RunAsync(writer, "cd /data; echo 0 > z");
        await engine.SyncAsync(writer);
        var reader = await engine.SessionAsync(context.Id);
        foreach (var change in (string[])["echo 1 > a; ln a b; ln a c", "echo 2 >> b", "rm a; echo 3 > a; rm b", "ln c d; chmod 600 c"])
        {
            await engine.RunAsync(writer, "cd /data; " + change);
            await engine.SyncAsync(writer);
            var task = (await engine.SyncAsync(reader, AgbSyncTaskType.Download)).Single(t => t.TaskType == AgbSyncTaskType.Download);
            task.Skipped.ShouldBeEmpty(change);
            const string Show = "cd /data; stat -c '%n %a %h' *; cat *";
            (await engine.RunAsync(reader, Show)).ShouldBe(await engine.RunAsync(writer, Show), change);
        }
        (await engine.SyncAsync(reader)).Single(t => t.TaskType == AgbSyncTaskType.Upload).Version.ShouldBeNull();
    }

    [Fact]
    public async Task A_download_brings_all_names_to_a_session_that_has_them_from_an_earlier_version()
    {
        await using var engine = await CreateAsync();
        var context = await MakeAsync(engine, Made);
        var (writer, reader) = (await engine.SessionAsync(context.Id), await engine.SessionAsync(context.Id));
        await engine.RunAsync(reader, "cd /data; echo mine >> one/p");
        foreach (var change in (string[])["echo 1 >> one/a", "rm two/b; echo 2 >> one/a", "ln one/a two/b; chmod 600 one/a"])
        {
            await engine.RunAsync(writer, "cd /data; " + change);
            await engine.SyncAsync(writer);
            (await engine.SyncAsync(reader, AgbSyncTaskType.Download)).ShouldAllBe(t => t.Status == AgbSyncTaskStatus.Success);
            const string Show = "cd /data; stat -c '%n %a' one/a two/*; cat one/a two/b two/deep/c 2>&1; cat one/q";
            var shown = await engine.RunAsync(reader, Show + " | head -n 1");
            shown.ShouldBe(await engine.RunAsync(writer, Show + " | head -n 1"), change);
        }
        (await engine.RunAsync(reader, "cat /data/one/q")).ShouldBe("p\nmine\n");
        await engine.RemoveAsync(writer);
        await engine.RunAsync(reader, "cd /data; echo last >> two/deep/c");
        await engine.RemoveAsync(reader);
        var next = await engine.SessionAsync(context.Id);
        (await engine.RunAsync(next, "cd /data; cat one/a two/b two/deep/c | grep -c last; cat one/p one/q | grep -c mine")).ShouldBe("3\n2\n");
        await RenameTests.ShouldBeSoundAsync(engine);
    }

    private static async Task RunAsync(string[] history, bool syncs)
    {
        await using var engine = await CreateAsync();
        await RunAsync(engine, await MakeAsync(engine, Made), history, syncs);
    }

    private static async Task RunAsync(EngineFixture engine, AgbContext context, string[] history, bool syncs)
    {
        var session = await engine.SessionAsync(context.Id);
        foreach (var commands in history)
        {
            await engine.RunAsync(session, RenameTests.Rename + commands);
            if (syncs)
            {
                (await engine.SyncAsync(session)).ShouldAllBe(t => t.Status == AgbSyncTaskStatus.Success);
                await RequireAsync(engine, context, await ShowAsync(engine, session));
            }
        }
        var shown = await ShowAsync(engine, session);
        await engine.RemoveAsync(session);
        await RequireAsync(engine, context, shown);
        await RenameTests.ShouldBeSoundAsync(engine);
    }

    private static async Task RequireAsync(EngineFixture engine, AgbContext context, string shown)
    {
        var next = await engine.SessionAsync(context.Id);
        (await ShowAsync(engine, next)).ShouldBe(shown);
        await engine.RemoveAsync(next);
    }

    private static async Task<EngineFixture> CreateAsync()
    {
        var engine = await RenameTests.CreateAsync();
        if ((await HostProbe.GetAsync(engine.Home, fresh: false, Token)).LinksError is { } error)
        {
            await engine.DisposeAsync();
            Assert.Skip("Hard links of earlier versions part here: " + error);
        }
        return engine;
    }

    private static async Task<AgbContext> MakeAsync(EngineFixture engine, string commands)
    {
        var context = await engine.Service.CreateContextAsync("links-" + RandomId.New(), cancellationToken: Token);
        var maker = await engine.SessionAsync(context.Id);
        await engine.RunAsync(maker, "cd /data\n" + commands);
        await engine.RemoveAsync(maker);
        return context;
    }

    /// <summary>What a session sees: each entry with mode, time and content, and which names are one file.</summary>
    private static async Task<string> ShowAsync(EngineFixture engine, AgbSession session) =>
        await RenameTests.ShowAsync(engine, session)
        + await engine.RunAsync(
            session,
            "cd /data; find . -type f -printf '%i %P\\n' | LC_ALL=C sort -k2 | awk '{ n[$1] = n[$1] \" \" $2 } END { for (i in n) print n[i] }' | LC_ALL=C sort");
}
