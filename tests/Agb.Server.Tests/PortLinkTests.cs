using System.Net;
using System.Net.WebSockets;
using System.Text;
using Agb.Protocol;
using Agb.Server.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Hosting;

namespace Agb.Server.Tests;

public sealed class PortLinkTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_link_leads_to_the_sessions_server_with_path_query_and_body()
    {
        await using var target = await TargetAsync();
        await using var server = await TestServer.StartAsync();
        server.Fake.LinkTarget = new Uri(target.Urls.First());
        var link = await LinkAsync(server, "&protocolType=https");
        using var client = new HttpClient();

        var answer = await client.PostAsync(link + "a%2Fb/c?q=1%202", new StringContent("body"), Token);

        (await answer.Content.ReadAsStringAsync(Token)).ShouldBe("POST /a%2Fb/c?q=1%202 body 127.0.0.1:30100");
        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        (await client.GetStringAsync(link.TrimEnd('/'), Token)).ShouldStartWith("GET /");
    }

    [Fact]
    public async Task A_link_carries_WebSockets()
    {
        await using var target = await TargetAsync();
        await using var server = await TestServer.StartAsync();
        server.Fake.LinkTarget = new Uri(target.Urls.First());
        var link = await LinkAsync(server, "&protocolType=wss");
        link.ShouldStartWith("ws://");
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri(link + "socket"), Token);

        await socket.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, true, Token);
        var buffer = new byte[16];
        var read = await socket.ReceiveAsync(buffer, Token);

        Encoding.UTF8.GetString(buffer, 0, read.Count).ShouldBe("hello");
    }

    [Fact]
    public async Task A_link_can_not_be_made_up_or_bent_to_another_port()
    {
        await using var target = await TargetAsync();
        await using var server = await TestServer.StartAsync();
        server.Fake.LinkTarget = new Uri(target.Urls.First());
        var link = await LinkAsync(server);
        using var client = new HttpClient();

        foreach (var other in new[] { link.Replace("/30100/", "/30101/"), link[..^2] + "/", link.Replace("/default.", "/other.") })
        {
            (await client.GetAsync(other, Token)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        }
    }

    [Fact]
    public async Task Each_request_has_a_connection_of_its_own()
    {
        await using var target = await TargetAsync();
        await using var server = await TestServer.StartAsync();
        server.Fake.LinkTarget = new Uri(target.Urls.First());
        var (first, second) = (await LinkAsync(server), await LinkAsync(server));
        using var client = new HttpClient();

        foreach (var link in new[] { first, first, second, first, second })
        {
            (await client.GetAsync(link, Token)).StatusCode.ShouldBe(HttpStatusCode.Accepted);
        }

        server.Fake.Connections.Count.ShouldBe(5);
        server.Fake.Connections.Distinct().Count().ShouldBe(2);
    }

    [Fact]
    public async Task A_quiet_link_ends_in_time()
    {
        await using var target = await TargetAsync();
        await using var server = await TestServer.StartAsync(o => o with { Timeouts = new SlowClientTimeouts { QuietLink = TimeSpan.FromSeconds(1) } });
        server.Fake.LinkTarget = new Uri(target.Urls.First());
        var link = new Uri(await LinkAsync(server));
        using var socket = await RawConnection.UpgradeAsync(server, link.AbsolutePath + "socket", "X: y");

        // It says nothing, and answers nothing.
        await socket.ReadToEndAsync();
    }

    [Fact]
    public async Task Where_nothing_answers_the_answer_says_so()
    {
        await using var server = await TestServer.StartAsync();
        server.Fake.LinkTarget = new Uri("http://127.0.0.1:1/");

        var (status, envelope, _) = await TestServer.SendAsync(new HttpClient(), HttpMethod.Get, await LinkAsync(server));

        status.ShouldBe(502);
        envelope.Message.ShouldContain("30100");
    }

    [Theory]
    [InlineData("30099")]
    [InlineData("30200")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("x")]
    public async Task Only_the_ports_of_the_protocol_are_linked_to(string port)
    {
        await using var server = await TestServer.StartAsync();
        server.Fake.LinkTarget = new Uri("http://127.0.0.1:1/");
        var session = await server.CreateSessionAsync();

        await server.RefusesAsync(HttpMethod.Get, $"/internet/getLink?sessionId={session.SessionId}&port={port}", null, AgbErrorIds.InvalidRequest);
    }

    [Fact]
    public async Task Our_own_clients_may_link_to_any_port()
    {
        await using var server = await TestServer.StartAsync();
        server.Fake.LinkTarget = new Uri("http://127.0.0.1:1/");
        var session = await server.CreateSessionAsync();

        (await server.CallAsync(HttpMethod.Post, AgbServerRoutes.GetSessionLink, $$"""{"sessionId":"{{session.SessionId}}","port":8080,"scheme":"http"}"""))
            .DataAs(WireJson.Default.UrlData)!.Url!.ShouldContain("/8080/");
    }

    [Theory]
    [InlineData("/port/o.s/30100/sig", "/")]
    [InlineData("/port/o.s/30100/sig/", "/")]
    [InlineData("/port/o.s/30100/sig?q=1", "/?q=1")]
    [InlineData("//port/o.s/30100/sig/a%2Fb?q=/x", "/a%2Fb?q=/x")]
    [InlineData("http://h/port/o.s/30100/sig/a//b", "/a//b")]
    public void The_signed_part_of_a_target_is_taken_off(string target, string rest) =>
        SessionPortTransformer.BehindSignature(target).ShouldBe(rest);

    private static async Task<string> LinkAsync(TestServer server, string more = "")
    {
        var session = await server.CreateSessionAsync();
        return (await server.CallAsync(HttpMethod.Get, $"/internet/getLink?sessionId={session.SessionId}&port=30100{more}")).DataAs(WireJson.Default.UrlData)!.Url!;
    }

    private static async Task<WebApplication> TargetAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.UseWebSockets();
        app.Map("/socket", async context =>
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            var buffer = new byte[16];
            var read = await socket.ReceiveAsync(buffer, context.RequestAborted);
            await socket.SendAsync(buffer.AsMemory(0, read.Count), WebSocketMessageType.Text, true, context.RequestAborted);
        });
        app.Map("{**rest}", async context =>
        {
            context.Response.StatusCode = 202;
            using var reader = new StreamReader(context.Request.Body);
            var raw = context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget;
            await context.Response.WriteAsync($"{context.Request.Method} {raw} {await reader.ReadToEndAsync()} {context.Request.Host.Value}");
        });
        await app.StartAsync(Token);
        return app;
    }
}
