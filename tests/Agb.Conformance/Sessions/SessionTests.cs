namespace Agb.Conformance.Sessions;

/// <summary>Tests of creating, finding and listing sessions.</summary>
[RunsOn(Services.Overlay | Services.Server, Long = Services.Copy)]
public sealed class SessionTests : ServiceTest
{
    [Fact]
    public async Task A_new_session_says_what_it_is()
    {
        var context = await NewContextAsync();
        var before = DateTimeOffset.UtcNow.AddMinutes(-5);
        var session = await StartAsync(new AgbSessionRequest
        {
            ImageId = "agb-browser-use-1",
            Labels = Labels(("purpose", "test"), ("empty", "")),
            ContextSyncs = [context.At("/home/data")],
        });
        session.SessionId.ShouldNotBeNullOrWhiteSpace();
        session.ImageId.ShouldBe("agb-browser-use-1");
        session.Status.ShouldBe(AgbSessionStatus.Running);
        session.Labels.OrderBy(l => l.Key).ShouldBe([new("empty", ""), new("purpose", "test")]);
        session.ContextSyncs.ShouldHaveSingleItem().ContextId.ShouldBe(context.Id);
        session.CreatedAt.ShouldBeInRange(before, before.AddMinutes(10));
        session.ExpiresAt.ShouldBeNull();
        session.IdleTimeout.ShouldBeNull();
        session.FailureReason.ShouldBeNull();
        session.Service.ShouldBeSameAs(Service);
    }

    [Fact]
    public async Task A_session_is_found_by_its_id()
    {
        var session = await StartAsync(new AgbSessionRequest { Labels = Labels(("a", "1")) });
        var found = await Service.GetSessionAsync(session, Token);
        (found.SessionId, found.ImageId, found.Status, found.CreatedAt).ShouldBe(
            (session.SessionId, AgbSessionRequest.DefaultImageId, AgbSessionStatus.Running, session.CreatedAt));
        found.Labels["a"].ShouldBe("1");
    }

    [Fact]
    public async Task The_images_of_the_guide_exist_and_differ()
    {
        var ids = (await Service.ListImagesAsync(Token)).Select(i => i.ImageId).ToArray();
        ids.ShouldBe(ids.Order(StringComparer.Ordinal));
        var seen = new HashSet<string>();
        foreach (var id in (string[])["agb-code-space-1", "agb-code-space-2", "agb-browser-use-1"])
        {
            ids.ShouldContain(id);
            var session = await StartAsync(new AgbSessionRequest { ImageId = id });
            (await ShellAsync(session, "echo $AGB_IMAGE_ID")).ShouldBe(id);
            seen.Add(await ShellAsync(session, "echo $HOME; cd; touch it-is-mine"));
        }
        seen.Count.ShouldBe(2, "the two code images have one home, the browser image another");
    }

    [Fact]
    public async Task Sessions_are_listed_oldest_first_until_they_are_released()
    {
        var label = Labels(("run", UniqueName()));
        var ids = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            ids.Add((await StartAsync(new AgbSessionRequest { Labels = label })).SessionId);
        }
        (await ListAsync(label)).ShouldBe(ids);
        (await ListAsync(null)).ShouldBeSubsetOf(await ListAsync(Labels()));
        (await ListAsync(null)).Where(ids.Contains).ShouldBe(ids);
        await Service.RemoveSessionAsync(new SessionId(ids[1]), cancellationToken: Token);
        (await ListAsync(label)).ShouldBe([ids[0], ids[2]]);
    }

    [Fact]
    public async Task Sessions_are_found_by_all_of_their_labels()
    {
        var run = UniqueName();
        var a = await StartAsync(new AgbSessionRequest { Labels = Labels(("run", run), ("kind", "a"), ("x", "1")) });
        var b = await StartAsync(new AgbSessionRequest { Labels = Labels(("run", run), ("kind", "b"), ("x", "1")) });
        (await ListAsync(Labels(("run", run)))).ShouldBe([a.SessionId, b.SessionId]);
        (await ListAsync(Labels(("run", run), ("kind", "b")))).ShouldBe([b.SessionId]);
        (await ListAsync(Labels(("run", run), ("kind", "b"), ("x", "2")))).ShouldBeEmpty();
        (await ListAsync(Labels(("run", run), ("none", "")))).ShouldBeEmpty();
        (await ListAsync(Labels(("RUN", run)))).ShouldBeEmpty();
    }

    [Fact]
    public async Task Several_contexts_of_one_session_are_stored_apart()
    {
        var contexts = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => NewContextAsync()));
        var session = await StartAsync([.. contexts.Select((c, i) => c.At($"/home/c{i}"))]);
        await ShellAsync(session, "for i in 0 1 2 3; do echo $i >/home/c$i/f; done");
        await ReleaseAsync(session);
        for (var i = 0; i < 4; i++)
        {
            (await StoredAsync(contexts[i], $"/home/c{i}")).ShouldBe([$"f={i}"]);
            (await Service.GetContextPathsAsync(contexts[i], Token)).ShouldBe([$"/home/c{i}"]);
        }
    }

    [Fact]
    public async Task A_session_may_have_64_mounts()
    {
        var context = await NewContextAsync();
        var session = await StartAsync([.. Enumerable.Range(0, 64).Select(i => context.At($"/srv/m{i}"))]);
        await ShellAsync(session, "for i in $(seq 0 63); do echo $i >/srv/m$i/f; done");
        await ReleaseAsync(session);
        (await AskAsync(context, "/srv", "cat m*/f | sort -n | uniq | wc -l")).ShouldBe("64");
    }

    [Theory]
    [InlineData("/home/a,b:c=d \\ \"x\" 'y' $z")]
    [InlineData("/home/Überblick/数据")]
    [InlineData("/a-new-directory/of/the/root")]
    [InlineData("/tmp/deep/er/and/deep/er")]
    [InlineData("/opt/tool")]
    [InlineData("/mnt/-rf")]
    public async Task A_mount_may_be_at_any_path_that_is_not_the_systems(string path)
    {
        var context = await NewContextAsync();
        await FillAsync(context, path, "echo 1 >f");
        (await StoredAsync(context, path)).ShouldBe(["f=1"]);
        (await Service.GetContextPathsAsync(context, Token)).ShouldBe([path]);
    }

    [Fact]
    public async Task A_context_may_be_named_by_its_name_when_it_is_mounted()
    {
        var context = await NewContextAsync();
        var session = await StartAsync(new AgbContextSync { ContextId = context.Name, Path = "/home/data" });
        session.ContextSyncs.ShouldHaveSingleItem().ContextId.ShouldBe(context.Id);
    }

    [Fact]
    public async Task What_lies_outside_the_mounts_ends_with_the_session()
    {
        var context = await NewContextAsync();
        var first = await StartAsync(context.At("/home/data"));
        await ShellAsync(first, "echo 1 >/tmp/t; echo 1 >~/h; echo 1 >/home/data/f");
        var beside = await StartAsync(context.At("/home/data"));
        (await RunAsync(beside, "ls /tmp/t ~/h")).Success.ShouldBeFalse("another session sees it");
        await ReleaseAsync(first);
        var after = await StartAsync(context.At("/home/data"));
        (await RunAsync(after, "ls /tmp/t ~/h")).Success.ShouldBeFalse("a later session sees it");
        (await ShellAsync(after, "cat /home/data/f")).ShouldBe("1");
    }

    [Fact]
    public async Task A_session_can_be_returned_before_it_runs_and_waited_for()
    {
        var context = await NewContextAsync();
        await FillAsync(context, "/home/data", "echo 1 >f");
        var session = await StartAsync(new AgbSessionRequest { NoWait = true, ContextSyncs = [context.At("/home/data")] });
        session.Status.ShouldBe(AgbSessionStatus.Creating);
        (await Service.WaitSessionAsync(session, Patience, Token)).Status.ShouldBe(AgbSessionStatus.Running);
        (await ShellAsync(session, "cat /home/data/f")).ShouldBe("1");
    }

    [Fact]
    public async Task A_command_waits_for_a_session_that_is_being_created()
    {
        var session = await StartAsync(new AgbSessionRequest { NoWait = true });
        (await ShellAsync(session, "echo ready")).ShouldBe("ready");
    }

    [Fact]
    public async Task Waiting_for_a_running_session_returns_at_once()
    {
        var session = await StartAsync();
        (await Service.WaitSessionAsync(session, TimeSpan.Zero, Token)).Status.ShouldBe(AgbSessionStatus.Running);
    }

    [Fact]
    public async Task Many_sessions_can_be_created_at_once()
    {
        var context = await NewContextAsync();
        var sessions = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => StartAsync(context.At("/home/data"))));
        var names = await Task.WhenAll(sessions.Select(s => ShellAsync(s, "hostname")));
        names.Distinct().Count().ShouldBe(6);
    }

    private static Dictionary<string, string> Labels(params (string Key, string Value)[] labels) => labels.ToDictionary(l => l.Key, l => l.Value);

    private ValueTask<List<string>> ListAsync(Dictionary<string, string>? labels) =>
        Service.ListSessionsAsync(labels, Token).Select(s => s.SessionId).ToListAsync(Token);
}
