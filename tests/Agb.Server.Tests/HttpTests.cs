using System.Net;
using Agb.Protocol;
using Agb.Server;
using Agb.Server.Tests.Support;

namespace Agb.Server.Tests;

/// <summary>What HTTP itself can get wrong, and limits.</summary>
public sealed class HttpTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("GET", "/no/such/endpoint", 404)]
    [InlineData("GET", "/mcp/createSession", 405)]
    [InlineData("DELETE", "/sdk/ListContexts", 405)]
    public async Task Errors_of_HTTP_come_as_envelopes(string method, string path, int expected)
    {
        await using var server = await TestServer.StartAsync();

        var (status, envelope, response) = await TestServer.SendAsync(server.Client, new HttpMethod(method), path);

        status.ShouldBe(expected);
        envelope.Success.ShouldBeFalse();
        envelope.HttpStatusCode.ShouldBe(expected);
        envelope.Message.ShouldNotBeEmpty();
        response.Headers.GetValues("x-request-id").ShouldHaveSingleItem().ShouldBe(envelope.RequestId);
    }

    [Fact]
    public async Task Clients_are_not_told_where_the_server_keeps_its_data()
    {
        await using var server = await TestServer.StartAsync(useEngine: true);
        await File.WriteAllTextAsync(Path.Combine(server.Data, "images.json"), "{", TestContext.Current.CancellationToken);

        var refused = await server.RefusesAsync(HttpMethod.Post, "/agb/listImages", "{}", AgbErrorIds.InvalidImage);

        refused.Message.ShouldContain("'DATA/images.json'");
        refused.AgbError!.Target!.Value.GetString().ShouldBe("DATA/images.json");
        $"{refused.Message}{refused.AgbError.Message}{refused.AgbError.Remedy}".ShouldNotContain(server.Data);
        server.Log.ShouldContain(l => l.Contains(refused.RequestId) && l.Contains(server.Data));
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_refused()
    {
        await using var server = await TestServer.StartAsync(o => o with { MaxRequestBytes = 1024 });

        var (status, envelope, _) = await TestServer.SendAsync(server.Client, HttpMethod.Post, "/mcp/getSession", new string(' ', 2048));

        status.ShouldBe(413);
        envelope.Success.ShouldBeFalse();
    }

    [Fact]
    public async Task An_owner_that_calls_too_often_is_told_when_to_come_again()
    {
        await using var server = await TestServer.StartAsync(o => o with { RequestsPerSecond = 1 });
        using var other = server.ClientOf(new ApiKeyFile(server.Data).Add("other", null, DateTimeOffset.UtcNow).Secret);
        (int Status, Envelope Envelope, HttpResponseMessage Response) last;
        do
        {
            last = await TestServer.SendAsync(server.Client, HttpMethod.Get, "/sdk/ListContexts");
        }
        while (last.Status == 200);

        last.Status.ShouldBe(429);
        last.Envelope.Code.ShouldBe(AgbErrorIds.TooManyRequests);
        last.Response.Headers.RetryAfter!.Delta!.Value.ShouldBeGreaterThan(TimeSpan.Zero);
        (await TestServer.SendAsync(other, HttpMethod.Get, "/sdk/ListContexts")).Status.ShouldBe(200);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(19)]
    [InlineData(500)]
    [InlineData(int.MaxValue)]
    public void An_owner_has_as_many_requests_a_second_as_was_said(int requestsPerSecond)
    {
        var bucket = AgbServer.BucketOf(requestsPerSecond);

        (bucket.TokensPerPeriod / bucket.ReplenishmentPeriod.TotalSeconds / requestsPerSecond).ShouldBe(1, 0.001);
        bucket.TokenLimit.ShouldBeGreaterThanOrEqualTo(requestsPerSecond);
    }

    [Fact]
    public async Task An_endpoint_with_a_slash_at_its_end_works()
    {
        await using var server = await TestServer.StartAsync();

        await server.CallAsync(HttpMethod.Get, $"{server.Url.GetLeftPart(UriPartial.Authority)}//sdk/ListContexts");
    }

    [Fact]
    public async Task The_server_speaks_TLS_with_a_certificate_and_its_links_say_so()
    {
        using var certificate = new CertificateFiles();
        await using var server = await TestServer.StartAsync(o => certificate.On(o, "https://127.0.0.1:0"));
        using var client = new HttpClient(new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, seen, _, _) => seen!.Thumbprint == certificate.Thumbprint });
        client.BaseAddress = server.Url;
        client.DefaultRequestHeaders.Add("authorization", "Bearer " + TestServer.Key);

        var (status, envelope, _) = await TestServer.SendAsync(client, HttpMethod.Post, "/mcp/createSession?imageId=agb-code-space-1", "{}");

        status.ShouldBe(200);
        var session = envelope.DataAs(WireJson.Default.SessionData)!;
        session.LinkUrl!.ShouldStartWith("https://");
        session.WsUrl!.ShouldStartWith("wss://");
    }

    [Fact]
    public async Task Behind_a_proxy_links_have_the_public_address()
    {
        await using var server = await TestServer.StartAsync(o => o with { PublicUrl = new Uri("https://agb.example.org/api/") });

        var session = await server.CreateSessionAsync();

        session.LinkUrl!.ShouldStartWith("https://agb.example.org/api/link/");
        session.WsUrl!.ShouldStartWith("wss://agb.example.org/api/ws/");
    }

    [Fact]
    public async Task The_server_says_what_it_is()
    {
        await using var server = await TestServer.StartAsync(o => o with { DefaultIdleTimeout = TimeSpan.FromMinutes(5) });

        var info = (await server.CallAsync(HttpMethod.Get, AgbServerRoutes.Info)).DataAs(WireJson.Default.AgbInfo)!;

        info.Product.ShouldBe(AgbInfo.ServerProduct);
        info.Protocol.ShouldBe(AgbInfo.CurrentProtocol);
        info.Limits!.DefaultIdleTimeout.ShouldBe(TimeSpan.FromMinutes(5));
    }

    [Fact]
    public async Task An_unexpected_failure_says_no_more_than_where_its_reason_is()
    {
        await using var server = await TestServer.StartAsync();
        server.Fake.AddSession();
        server.Fake.OnWait = _ => throw new InvalidOperationException("secret detail");

        var (status, envelope, _) = await TestServer.SendAsync(server.Client, HttpMethod.Post, AgbServerRoutes.WaitSession, """{"sessionId":"s-1","timeout":"00:00:01"}""");

        status.ShouldBe((int)HttpStatusCode.InternalServerError);
        envelope.Message.ShouldNotContain("secret");
        server.Log.ShouldContain(l => l.Contains("secret detail", StringComparison.Ordinal) && l.Contains(envelope.RequestId, StringComparison.Ordinal));
    }
}
