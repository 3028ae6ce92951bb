using System.Text;
using System.Threading.Channels;
using Agb.Conformance;

namespace Agb.Cloud.Tests.Conformance;

/// <summary>The plain AGB API of an Agb server, as the AGB cloud's clients use it.</summary>
[RunsOn(Services.Server)]
public sealed class PlainApiTests : ServiceTest
{
    private AgbCloudService? _plain;

    private AgbCloudService Plain => _plain ??= ((ServerFixture)Fixture).OpenPlain();

    [Fact]
    public async Task Data_of_one_session_is_seen_by_the_next_under_another_path()
    {
        var context = await CreateAsync();
        var first = await StartPlainAsync(new AgbSessionRequest { ImageId = "agb-browser-use-1", ContextSyncs = [context.At("/tmp/mapping")] });
        (await RunPlainAsync(first, "echo made in the first session >/tmp/mapping/test-file.txt")).Success.ShouldBeTrue();
        var tasks = await Plain.StartSyncAsync(first, new AgbSyncRequest(), Token);
        tasks.ShouldHaveSingleItem().Path.ShouldBe("/tmp/mapping");
        (await Plain.WaitSyncAsync(first, Patience, cancellationToken: Token)).ShouldAllBe(t => t.Status == AgbSyncTaskStatus.Success);
        await Plain.RemoveSessionAsync(first, cancellationToken: Token);
        await FailsAsync(AgbErrorIds.SessionNotFound, () => Plain.GetSessionAsync(first, Token));

        var second = await StartPlainAsync(new AgbSessionRequest { ContextSyncs = [context.At("/home/data", from: "/tmp/mapping")] });
        (await RunPlainAsync(second, "cat /home/data/test-file.txt")).Stdout.ShouldBe("made in the first session\n");
        await Plain.RemoveSessionAsync(second, AgbReleaseMode.Upload, cancellationToken: Token);
    }

    [Fact]
    public async Task A_context_can_be_mounted_at_home_and_its_sync_is_found_by_that_path()
    {
        var context = await CreateAsync();
        var session = await StartPlainAsync(new AgbSessionRequest { ContextSyncs = [context.At("/home")] });
        (await RunPlainAsync(session, "echo 1 >/home/f; echo mine >~/mine")).Success.ShouldBeTrue();
        await Plain.StartSyncAsync(session, new AgbSyncRequest { ContextId = context.Id, Path = "/home" }, Token);
        var task = (await Plain.WaitSyncAsync(session, Patience, ContextId.Optional(context.Id), "/home", Token)).Single(t => t.TaskType == AgbSyncTaskType.Upload);
        (task.Path, task.Status).ShouldBe(("/home", AgbSyncTaskStatus.Success));
        (await Plain.ListContextFilesAsync(context, new AgbContextFileQuery { Path = "/home" }, Token).Select(f => f.Path).ToListAsync(Token)).ShouldBe(["/home/f"]);
        await Plain.RemoveSessionAsync(session, cancellationToken: Token);
    }

    [Fact]
    public async Task Contexts_can_be_made_found_listed_renamed_cleared_and_removed()
    {
        var context = await CreateAsync();
        await FailsAsync(AgbErrorIds.ContextAlreadyExists, () => Plain.CreateContextAsync(context.Name, false, Token));
        (await Plain.CreateContextAsync(context.Name, true, Token)).Id.ShouldBe(context.Id);
        (await Plain.GetContextAsync(context, Token)).Name.ShouldBe(context.Name);
        (await Plain.FindContextAsync(context.Name, Token)).Id.ShouldBe(context.Id);
        var others = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => CreateAsync()));
        (await Plain.ListContextsAsync(Token).Select(c => c.Id).ToListAsync(Token)).ShouldBeSubsetOf([context.Id, .. others.Select(o => o.Id)]);
        (await Plain.ListContextsAsync(Token).CountAsync(Token)).ShouldBe(61);
        await FailsAsync(AgbErrorIds.ContextNotFound, () => Plain.FindContextAsync("SdkCtx-none", Token));
        await FailsAsync(AgbErrorIds.ContextNotFound, () => Plain.RemoveContextAsync(new ContextId("SdkCtx-none"), Token));
    }

    [Fact]
    public async Task Labels_find_sessions_and_can_be_replaced()
    {
        var run = UniqueName();
        var session = await StartPlainAsync(new AgbSessionRequest { Labels = new Dictionary<string, string> { ["run"] = run, ["x"] = "ä&=+" } });
        var found = (await ListAsync(run)).ShouldHaveSingleItem();
        (found.SessionId, found.Labels["x"]).ShouldBe((session.SessionId, "ä&=+"));
        (await Plain.SetSessionLabelsAsync(session, new Dictionary<string, string> { ["y"] = "1" }, Token)).Labels.ShouldHaveSingleItem();
        (await ListAsync(run)).ShouldBeEmpty();
        (await Plain.KeepSessionAliveAsync(session, Token)).Status.ShouldBe(AgbSessionStatus.Running);
        (await Plain.GetSessionLinkAsync(session, 30100, null, Token)).IsAbsoluteUri.ShouldBeTrue();

        async Task<List<AgbSession>> ListAsync(string value) =>
            await Plain.ListSessionsAsync(new Dictionary<string, string> { ["run"] = value }, Token).ToListAsync(Token);
    }

    [Fact]
    public async Task Files_can_be_stored_listed_read_and_removed()
    {
        var context = await CreateAsync();
        var bytes = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 50_000)));
        await Plain.ChangeContextFilesAsync(
            context,
            new AgbContextFileChange[]
            {
                new AgbContextFileChange.Put("/home/data/ä b.txt", _ => Task.FromResult<Stream>(new MemoryStream(bytes))),
                new AgbContextFileChange.Put("/home/data/sub/c", _ => Task.FromResult<Stream>(new MemoryStream())),
            }.ToAsyncEnumerable(),
            Token);
        (await ListAsync(context, recurse: true)).ShouldBe([("/home/data/sub", 0), ("/home/data/sub/c", 0), ("/home/data/ä b.txt", bytes.Length)]);
        await using (var content = await Plain.OpenContextFileAsync(context, "/home/data/ä b.txt", null, bytes.Length - 5, Token))
        {
            (await new StreamReader(content.Content).ReadToEndAsync(Token)).ShouldBe("49999");
        }
        await Plain.ChangeContextFilesAsync(
            context, new AgbContextFileChange[] { new AgbContextFileChange.Remove("/home/data/sub", Recurse: true) }.ToAsyncEnumerable(), Token);
        (await ListAsync(context, recurse: false)).ShouldBe([("/home/data/ä b.txt", bytes.Length)]);
        await FailsAsync(AgbErrorIds.FileNotFound, () => Plain.GetContextFileAsync(context, "/home/data/none", null, Token));
    }

    [Fact]
    public async Task Code_runs_with_its_output_as_it_comes_or_at_its_end()
    {
        var session = await StartPlainAsync(new AgbSessionRequest());
        var events = Channel.CreateUnbounded<AgbCodeEvent>();
        var streamed = await Plain.RunCodeAsync(
            session, new AgbCodeRequest { Code = "import sys\nprint('out')\nprint('err', file=sys.stderr)\n40 + 2", Events = events.Writer }, Token);
        (streamed.Stdout, streamed.Stderr, streamed.Results.ShouldHaveSingleItem().Text, streamed.Success).ShouldBe(("out\n", "err\n", "42", true));
        events.Writer.Complete();
        var seen = await events.Reader.ReadAllAsync(Token).ToListAsync(Token);
        string.Concat(seen.Where(e => e.Stream == AgbOutputStream.Stdout).Select(e => e.Text)).ShouldBe("out\n");
        var failed = await Plain.RunCodeAsync(session, new AgbCodeRequest { Code = "1 / 0" }, Token);
        failed.Success.ShouldBeFalse();
        failed.Error.ShouldNotBeNull().ShouldContain("division by zero");
    }

    [Fact]
    public async Task Arguments_of_commands_are_carried_and_their_streams_refused()
    {
        var session = await StartPlainAsync(new AgbSessionRequest());
        var result = await Plain.RunCommandAsync(
            session, new AgbCommandRequest { Command = "printf '<%s>' $# \"$@\"", Arguments = ["a b", "it's $HOME", ""] }, Token);
        (result.Stdout, result.Command).ShouldBe(("<3><a b><it's $HOME><>", "printf '<%s>' $# \"$@\""));
        var script = AgbScript.Read("s", "#!/bin/sh\necho \"script $1\"\n"u8.ToArray());
        (await Plain.RunCommandAsync(session, script.ToRequest(new AgbCommandRequest { Command = "", Arguments = ["x"] }), Token)).Stdout.ShouldBe("script x\n");
        await FailsAsync(
            AgbErrorIds.InvalidCommand,
            () => Plain.RunCommandAsync(session, new AgbCommandRequest { Command = "true", Arguments = [new string('x', AgbCommandRequest.MaxCommandBytes)] }, Token));
        foreach (var request in new[] { new AgbCommandRequest { Command = "cat", Input = Stream.Null }, new AgbCommandRequest { Command = "cat", Output = Stream.Null } })
        {
            (await FailsAsync(AgbErrorIds.NotSupported, () => Plain.RunCommandAsync(session, request, Token))).Remedy.ShouldNotBeNull().ShouldContain("Agb server");
        }
    }

    [Fact]
    public async Task A_command_over_its_time_is_ended()
    {
        var session = await StartPlainAsync(new AgbSessionRequest());
        var result = await Plain.RunCommandAsync(
            session, new AgbCommandRequest { Command = "echo begun; sleep 600", Timeout = TimeSpan.FromSeconds(1) }, Token);
        (result.TimedOut, result.Success).ShouldBe((true, false));
        await FailsAsync(
            AgbErrorIds.SessionNotFound, () => Plain.RunCommandAsync(new SessionId("s-none"), new AgbCommandRequest { Command = "true" }, Token));
    }

    private async Task<AgbContext> CreateAsync()
    {
        var context = await CreateContextAsync(UniqueName());
        return await Plain.GetContextAsync(context, Token);
    }

    private async Task<AgbSession> StartPlainAsync(AgbSessionRequest request)
    {
        var session = await Plain.CreateSessionAsync(request, Token);
        Track(session);
        return session;
    }

    private Task<AgbCommandResult> RunPlainAsync(AgbSession session, string command) =>
        Plain.RunCommandAsync(session, new AgbCommandRequest { Command = command, Timeout = Patience }, Token);

    private async Task<List<(string Path, long Size)>> ListAsync(AgbContext context, bool recurse) => await Plain
        .ListContextFilesAsync(context, new AgbContextFileQuery { Path = "/home/data", Recurse = recurse }, Token)
        .Select(f => (f.Path, f.Size)).ToListAsync(Token);
}
