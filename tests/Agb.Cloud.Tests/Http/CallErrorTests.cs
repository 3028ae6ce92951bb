using System.Net.Sockets;
using Agb.Cloud.Tests.Support;

namespace Agb.Cloud.Tests.Http;

/// <summary>What goes wrong with a call is a typed error with a request id: one type where the service said no, another where nobody
/// knows what it said.</summary>
public sealed class CallErrorTests : PlainTest
{
    private const string Path = "/sdk/GetLabel";

    [Theory]
    [InlineData(200)]
    [InlineData(400)]
    [InlineData(500)]
    public async Task A_no_is_the_services_own_message_and_request_id(int status)
    {
        OnSession();
        Fake.On(Path, FakeAgb.No("Weird.Code", "it rains"), status);
        var error = await FailsAsync<AgbServiceException>(AgbErrorIds.ServiceRefused, GetAsync);
        error.Message.ShouldContain("it rains");
        error.Message.ShouldContain("Weird.Code");
        (error.RequestId, error.HttpStatus, error.Code).ShouldBe(("r-no", status, "Weird.Code"));
        Fake.Of(Path).Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    public async Task A_key_that_is_not_accepted_is_AuthenticationFailed(int status)
    {
        OnSession();
        Fake.On(Path, FakeAgb.No("Forbidden", $"The key {Key} is unknown"), status);
        var error = await FailsAsync<AgbServiceException>(AgbErrorIds.AuthenticationFailed, GetAsync);
        error.Kind.ShouldBe(AgbErrorKind.PermissionDenied);
        error.ToString().ShouldNotContain(Key);
        error.Message.ShouldContain("***");
    }

    [Theory]
    [InlineData(400, "<html>bad</html>")]
    [InlineData(418, "")]
    public async Task A_status_without_an_envelope_is_told_with_what_came(int status, string body)
    {
        OnSession();
        Fake.On(Path, _ => FakeAgb.Json(body, status, "text/html"));
        var error = await FailsAsync<AgbServiceException>(AgbErrorIds.ServiceRefused, GetAsync);
        error.Message.ShouldContain(status.ToString(System.Globalization.CultureInfo.InvariantCulture));
        error.Message.ShouldContain(body);
        error.RequestId.ShouldNotBeNullOrEmpty();
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html>welcome</html>")]
    [InlineData("[1,2]")]
    [InlineData("{\"success\":tru")]
    [InlineData("null")]
    public async Task Garbage_is_an_error_of_the_service(string body)
    {
        OnSession();
        Fake.On(Path, body);
        var error = await FailsAsync<AgbServiceException>(AgbErrorIds.ServiceRefused, GetAsync);
        error.RequestId.ShouldNotBeNullOrEmpty();
    }

    [Theory]
    [InlineData("{\"labels\":{\"a\":\"b\"}}")]
    [InlineData("{\"labels\":\"[1]\"}")]
    [InlineData("\"text\"")]
    [InlineData("[]")]
    public async Task Data_of_another_form_is_an_error_of_the_service(string data)
    {
        OnSession();
        Fake.Ok(Path, data);
        (await FailsAsync<AgbServiceException>(AgbErrorIds.ServiceRefused, GetAsync)).RequestId.ShouldBe("r-1");
    }

    [Fact]
    public async Task A_redirect_is_not_followed_and_says_where_to()
    {
        OnSession();
        Fake.On(Path, _ =>
        {
            var answer = FakeAgb.Json("", 302);
            answer.Headers.Location = new Uri("https://elsewhere.example/login?token=abc");
            return answer;
        });
        var error = await FailsAsync<AgbServiceException>(AgbErrorIds.ServiceRefused, GetAsync);
        error.Message.ShouldContain("https://elsewhere.example");
        error.Message.ShouldNotContain("abc");
        Fake.Requests.ShouldAllBe(r => r.Path.StartsWith("/mcp") || r.Path.StartsWith("/sdk") || r.Path.StartsWith("/agb"));
    }

    [Fact]
    public async Task A_connection_that_is_refused_is_ConnectionFailed()
    {
        OnSession();
        Fake.On(Path, (_, _) => throw new HttpRequestException("outer", new SocketException((int)SocketError.ConnectionRefused)));
        var error = await FailsAsync<AgbConnectionException>(AgbErrorIds.ConnectionFailed, GetAsync);
        error.Message.ShouldContain("refused");
        error.Message.ShouldContain(Endpoint);
        error.Kind.ShouldBe(AgbErrorKind.Failed);
        error.RequestId.ShouldBe(Fake.Of(Path)[^1].Headers["x-request-id"]);
    }

    [Theory]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    public async Task A_gateway_that_does_not_reach_the_service_is_ConnectionFailed(int status)
    {
        OnSession();
        Fake.On(Path, _ => FakeAgb.Json("<html/>", status, "text/html"));
        await FailsAsync<AgbConnectionException>(AgbErrorIds.ConnectionFailed, GetAsync);
    }

    [Fact]
    public async Task An_answer_that_breaks_off_is_ConnectionFailed()
    {
        OnSession();
        Fake.On(Path, _ => new HttpResponseMessage { Content = new StreamContent(new BreakingStream("{\"succ"u8.ToArray())) });
        var error = await FailsAsync<AgbConnectionException>(AgbErrorIds.ConnectionFailed, GetAsync);
        error.Message.ShouldContain("broke");
    }

    [Fact]
    public async Task An_answer_that_does_not_come_in_time_is_ConnectionFailed_of_the_kind_Timeout()
    {
        // So short that the clock ends it at once.
        Change = o => o with { Timeout = TimeSpan.FromSeconds(7) };
        Fake.On("/agb/info", async (_, token) =>
        {
            await Task.Delay(Timeout.Infinite, token);
            throw new InvalidOperationException();
        });
        var error = await FailsAsync<AgbConnectionException>(AgbErrorIds.ConnectionFailed, GetAsync);
        error.Kind.ShouldBe(AgbErrorKind.Timeout);
        error.Message.ShouldContain("7 s");
        error.RequestId.ShouldNotBeNullOrEmpty();
        Fake.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Cancelling_ends_a_call_as_cancelled()
    {
        using var cancel = new CancellationTokenSource();
        OnSession();
        Fake.On(Path, async (_, token) =>
        {
            await cancel.CancelAsync();
            await Task.Delay(Timeout.Infinite, token);
            throw new InvalidOperationException();
        });
        await Should.ThrowAsync<OperationCanceledException>(() => Service.GetSessionAsync(new SessionId("s-1"), cancel.Token));
        Fake.Of(Path).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Every_request_has_the_key_a_type_and_an_id()
    {
        OnSession();
        Fake.Ok(Path, "{}");
        await GetAsync();
        Fake.Requests.Count.ShouldBe(3);
        foreach (var request in Fake.Requests)
        {
            request.Headers["authorization"].ShouldBe("Bearer " + Key);
            request.Headers["Content-Type"].ShouldBe("application/json");
            request.Headers["x-request-id"].ShouldNotBeNullOrEmpty();
        }
        Fake.Requests.Select(r => r.Headers["x-request-id"]).Distinct().Count().ShouldBe(3);
    }

    [Fact]
    public async Task A_path_of_the_endpoint_is_put_before_every_path()
    {
        Change = o => o with { Endpoint = "https://agb.example/some/where/" };
        Fake.Ok("/some/where/mcp/getSession", """{"sessionId":"s-1","status":"RUNNING"}""");
        Fake.Ok("/some/where/sdk/GetLabel", "{}");
        await GetAsync();
        Fake.Requests.Select(r => r.Path).ShouldBe(["/some/where/agb/info", "/some/where/mcp/getSession", "/some/where/sdk/GetLabel"]);
    }

    private Task GetAsync() => Service.GetSessionAsync(new SessionId("s-1"), Token);

    private sealed class BreakingStream(byte[] begin) : MemoryStream(begin)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            await base.ReadAsync(buffer, cancellationToken) is > 0 and var count ? count : throw new IOException("reset by peer");
    }
}
