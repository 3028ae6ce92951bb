using System.Threading.Channels;
using Agb.Cloud.Tests.Support;

namespace Agb.Cloud.Tests.Extended;

/// <summary>Answers of an Agb server that come as streams.</summary>
public sealed class StreamTests : PlainTest
{
    private const string Run = "/agb/runCommand";
    private const string Result = """{"result":{"exitCode":0,"stdout":"b2s=","duration":"00:00:01"}}""";

    public StreamTests() => Fake.Ok("/agb/info", """{"product":"Agb.Server","protocol":1}""");

    [Fact]
    public async Task Items_come_before_the_result_and_signs_of_life_are_passed_over()
    {
        OnStream("""{"item":{"stream":"Stdout","number":1,"text":"ok","time":"2026-01-02T03:04:05Z"}}""", "{}", Result);
        var lines = Channel.CreateUnbounded<AgbCommandOutput>();
        var result = await RunAsync(lines);
        (result.ExitCode, result.Stdout, result.Duration, result.Command, result.Service == Service).ShouldBe((0, "ok", TimeSpan.FromSeconds(1), "x", true));
        (await lines.Reader.ReadAsync(Token)).ShouldSatisfyAllConditions(l => l.Text.ShouldBe("ok"), l => l.SessionId.ShouldBe("s-1"));
        Fake.Of(Run).ShouldHaveSingleItem().Json.GetProperty("lines").GetBoolean().ShouldBeTrue();
    }

    [Fact]
    public async Task An_error_in_the_stream_is_the_servers_with_the_request_id_of_the_head()
    {
        Fake.On(Run, _ =>
        {
            var answer = Stream("""{"error":{"id":"SessionExpired","kind":"InvalidState","message":"too old","remedy":"another"}}""");
            answer.Headers.Add("x-request-id", "r-head");
            return answer;
        });
        var error = await FailsAsync<AgbServiceException>(AgbErrorIds.SessionExpired, () => RunAsync());
        (error.Kind, error.Message, error.Remedy, error.RequestId).ShouldBe((AgbErrorKind.InvalidState, "too old", "another", "r-head"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}\n")]
    [InlineData("""{"item":{"stream":"Stdout","number":1,"text":"ok","time":"2026-01-02T03:04:05Z"}}""")]
    [InlineData("{\"result\":{\"exitCode\":0}")]
    public async Task A_stream_that_ends_early_is_ConnectionFailed_and_is_not_asked_for_again(string begin)
    {
        Fake.On(Run, _ => Text(begin));
        await FailsAsync<AgbConnectionException>(AgbErrorIds.ConnectionFailed, () => RunAsync());
        Fake.Of(Run).Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("no json")]
    [InlineData("""{"result":{"exitCode":"zero"}}""")]
    [InlineData("[]")]
    public async Task A_stream_that_can_not_be_read_is_an_error_of_the_service(string line)
    {
        OnStream(line);
        await FailsAsync<AgbServiceException>(AgbErrorIds.ServiceRefused, () => RunAsync());
    }

    [Fact]
    public async Task Silence_ends_a_stream_after_a_while()
    {
        Fake.On(Run, _ => new HttpResponseMessage { Content = new StreamContent(new SilentStream(Time)) { Headers = { { "Content-Type", "application/x-ndjson" } } } });
        var error = await FailsAsync<AgbConnectionException>(AgbErrorIds.ConnectionFailed, () => RunAsync());
        error.Kind.ShouldBe(AgbErrorKind.Timeout);
    }

    [Fact]
    public async Task Cancelling_tells_the_server_which_call_and_waits_for_its_end()
    {
        Change = o => o with { TimeProvider = TimeProvider.System };
        using var cancel = new CancellationTokenSource();
        Fake.On("/agb/cancelCall", FakeAgb.Envelope());
        Fake.On(Run, async (_, token) =>
        {
            await cancel.CancelAsync();
            await Task.Delay(Timeout.Infinite, token);
            throw new InvalidOperationException();
        });
        await Should.ThrowAsync<OperationCanceledException>(() => RunAsync(token: cancel.Token));
        Fake.Of("/agb/cancelCall").ShouldHaveSingleItem().Json.GetProperty("requestId").GetString()
            .ShouldBe(Fake.Of(Run).ShouldHaveSingleItem().Headers["x-request-id"]);
    }

    [Fact]
    public async Task A_server_that_can_not_be_told_does_not_hold_a_cancelled_caller_up()
    {
        using var cancel = new CancellationTokenSource();
        Fake.On("/agb/cancelCall", (_, _) => throw new HttpRequestException("down"));
        Fake.On(Run, async (_, token) =>
        {
            await cancel.CancelAsync();
            await Task.Delay(Timeout.Infinite, token);
            throw new InvalidOperationException();
        });
        await Should.ThrowAsync<OperationCanceledException>(() => RunAsync(token: cancel.Token));
    }

    [Fact]
    public async Task A_sync_is_cancelled_with_the_token_of_the_call_that_started_it()
    {
        using var cancel = new CancellationTokenSource();
        var told = new TaskCompletionSource<string?>();
        Fake.Ok("/agb/startSync", """{"syncId":"y-1","tasks":[]}""");
        Fake.On("/agb/cancelSync", s =>
        {
            told.SetResult(s.Json.GetProperty("syncId").GetString());
            return FakeAgb.Json(FakeAgb.Envelope());
        });
        await Service.StartSyncAsync(new SessionId("s-1"), new AgbSyncRequest(), cancel.Token);
        await cancel.CancelAsync();
        (await told.Task.WaitAsync(TimeSpan.FromSeconds(60), Token)).ShouldBe("y-1");
    }

    [Fact]
    public async Task A_sync_that_was_waited_for_is_not_cancelled_any_more()
    {
        using var cancel = new CancellationTokenSource();
        Fake.Ok("/agb/startSync", """{"syncId":"y-1","tasks":[]}""");
        Fake.On("/agb/waitSync", _ => Stream("""{"result":[]}"""));
        await Service.StartSyncAsync(new SessionId("s-1"), new AgbSyncRequest(), cancel.Token);
        (await Service.WaitSyncAsync(new SessionId("s-1"), TimeSpan.FromSeconds(5), cancellationToken: Token)).ShouldBeEmpty();
        await cancel.CancelAsync();
        Fake.Of("/agb/cancelSync").ShouldBeEmpty();
    }

    [Theory]
    [InlineData("""{"result":{}}""", null)]
    [InlineData("""{"result":null}""", null)]
    [InlineData("""{"result":{"contextId":"c","version":4,"createdAt":"2026-01-02T03:04:05Z"}}""", 4L)]
    public async Task Changes_of_files_are_one_version_or_none(string line, long? version)
    {
        Fake.On("/agb/changeContextFiles", _ => Stream(line));
        var made = await Service.ChangeContextFilesAsync(
            new ContextId("c"), new AgbContextFileChange[] { new AgbContextFileChange.Remove("/f") }.ToAsyncEnumerable(), Token);
        (made?.Version).ShouldBe(version);
        var sent = Fake.Of("/agb/changeContextFiles").ShouldHaveSingleItem();
        (sent.Query["contextId"], sent.Headers["Content-Type"], sent.Headers["Expect"]).ShouldBe(("c", "application/x-agb-changes", "100-continue"));
    }

    [Fact]
    public async Task A_change_whose_content_can_not_be_read_is_the_callers_error()
    {
        Fake.On("/agb/changeContextFiles", _ => Stream("""{"result":{}}"""));
        var change = new AgbContextFileChange.Put("/f", _ => throw new FileNotFoundException("local file"));
        var error = await FailsAsync<AgbException>(
            AgbErrorIds.UnexpectedError,
            () => Service.ChangeContextFilesAsync(new ContextId("c"), new AgbContextFileChange[] { change }.ToAsyncEnumerable(), Token));
        error.Message.ShouldContain("/f");
        error.Message.ShouldContain("local file");
    }

    private static HttpResponseMessage Text(string text)
    {
        var answer = FakeAgb.Json(text);
        answer.Content.Headers.ContentType = new("application/x-ndjson");
        return answer;
    }

    private static HttpResponseMessage Stream(params string[] lines) => Text(string.Concat(lines.Select(l => l + "\n")));

    private void OnStream(params string[] lines) => Fake.On(Run, _ => Stream(lines));

    private Task<AgbCommandResult> RunAsync(Channel<AgbCommandOutput>? lines = null, CancellationToken? token = null) =>
        Service.RunCommandAsync(new SessionId("s-1"), new AgbCommandRequest { Command = "x", Lines = lines?.Writer }, token ?? Token);

    /// <summary>Says nothing for an hour and does not end.</summary>
    private sealed class SilentStream(TestClock time) : MemoryStream
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            time.Advance(TimeSpan.FromHours(1));
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return 0;
        }
    }
}
