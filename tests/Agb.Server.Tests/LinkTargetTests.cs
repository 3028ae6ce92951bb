using System.Net;
using System.Net.Sockets;
using Agb.Protocol;
using Agb.Server.Tests.Support;

namespace Agb.Server.Tests;

/// <summary>What a link to a port can reach, with real sessions on the host's network.</summary>
public sealed class LinkTargetTests
{
    // Answers each request on a connection with its host and path, or sends the client away.
    private const string WebServer =
        """
        perl -MIO::Socket::INET -e '
          my ($port, $away) = @ARGV; my $s = IO::Socket::INET->new(Listen => 9, LocalAddr => "127.0.0.1", LocalPort => $port, ReuseAddr => 1) or die $@; $SIG{CHLD} = "IGNORE";
          open my $mark, ">", "/tmp/listens"; close $mark;
          while (my $c = $s->accept) {
            next if fork;
            close $s;
            while (1) {
              my $head = ""; while (my $l = <$c>) { $head .= $l; last if $l =~ /^\r?\n$/ } exit if $head eq "";
              my ($host) = $head =~ /^host: *(.*?)\r$/mi; my ($path) = $head =~ /^\S+ (\S+)/; my $b = "NAME $host $path";
              print $c $path =~ /away/ ? "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:$away/\r\nContent-Length: 0\r\n\r\n"
                : "HTTP/1.1 200 OK\r\nContent-Length: " . length($b) . "\r\n\r\n$b"; $c->flush } }' PORT AWAY > /tmp/server.log 2>&1 &
        until [ -e /tmp/listens ]; do sleep 0.02; done
        """;

    private const int IsolatedPort = 8080;
    private const string IsolatedBody = """{"agb":{"network":"None"}}""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_link_reaches_a_server_of_its_own_session_and_nothing_else_of_the_host()
    {
        await using var server = await TestServer.StartAsync(useEngine: true);
        using var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });
        using var host = new TcpListener(IPAddress.Loopback, 0);
        host.Start();
        var hostPort = ((IPEndPoint)host.LocalEndpoint).Port;
        var (first, second) = (await ServeAsync(server, "first", hostPort), await server.CreateSessionAsync());
        Assert.SkipWhen(first is null, "Sessions have no perl here.");
        var (session, port) = first!.Value;

        // A session that has no server itself: neither another session's, nor one of the host, nor this server.
        foreach (var other in new[] { port, hostPort, server.Url.Port })
        {
            await RefusedAsync(client, await LinkAsync(server, second.SessionId!, other), other);
        }
        await RefusedAsync(client, await LinkAsync(server, session, hostPort), hostPort);
        var link = await LinkAsync(server, session, port);
        (await client.GetStringAsync(link + "a?b=c", Token)).ShouldBe($"first 127.0.0.1:{port} /a?b=c");
        // Nor by a connection that was made for the session which has it.
        await RefusedAsync(client, await LinkAsync(server, second.SessionId!, port), port);

        // What it answers is the client's to follow.
        var away = await client.GetAsync(link + "away", Token);
        away.StatusCode.ShouldBe(HttpStatusCode.Found);
        away.Headers.Location!.Port.ShouldBe(hostPort);
        using var request = new HttpRequestMessage(HttpMethod.Get, link + "host") { Headers = { Host = $"127.0.0.1:{hostPort}" } };
        (await (await client.SendAsync(request, Token)).Content.ReadAsStringAsync(Token)).ShouldBe($"first 127.0.0.1:{port} /host");
        foreach (var trick in new[] { $"//127.0.0.1:{hostPort}/", $"http://127.0.0.1:{hostPort}/", $"@127.0.0.1:{hostPort}/", "..%2f..%2f", "?http://127.0.0.1/" })
        {
            (await (await client.GetAsync(link + trick, Token)).Content.ReadAsStringAsync(Token)).ShouldStartWith($"first 127.0.0.1:{port} /");
        }
        host.Pending().ShouldBeFalse();

        // When the session is gone its port may be anybody's.
        await server.CallAsync(HttpMethod.Post, AgbRoutes.ReleaseSession, $$"""{"sessionId":"{{session}}"}""");
        using var heir = new TcpListener(IPAddress.Loopback, port);
        heir.Start();
        ((int)(await client.GetAsync(link, Token)).StatusCode).ShouldBe(400);
        heir.Pending().ShouldBeFalse();
        await server.CallAsync(HttpMethod.Post, AgbRoutes.ReleaseSession, $$"""{"sessionId":"{{second.SessionId}}"}""");
    }

    [Fact]
    public async Task Sessions_with_networks_of_their_own_serve_on_the_same_port()
    {
        await using var server = await TestServer.StartAsync(useEngine: true);
        using var client = new HttpClient();
        var (first, second) = (await ServeAsync(server, "first", 1, IsolatedBody), await ServeAsync(server, "second", 1, IsolatedBody));
        Assert.SkipWhen(first is null || second is null, "Sessions have no perl here.");
        var (session, port) = first!.Value;
        var empty = await server.CreateSessionAsync(IsolatedBody);

        (await client.GetStringAsync(await LinkAsync(server, session, port) + "a", Token)).ShouldBe($"first 127.0.0.1:{port} /a");
        (await client.GetStringAsync(await LinkAsync(server, second!.Value.Session, port) + "b", Token)).ShouldBe($"second 127.0.0.1:{port} /b");
        await RefusedAsync(client, await LinkAsync(server, empty.SessionId!, port), port);
        await RefusedAsync(client, await LinkAsync(server, empty.SessionId!, server.Url.Port), server.Url.Port);
        foreach (var id in new[] { session, second.Value.Session, empty.SessionId })
        {
            await server.CallAsync(HttpMethod.Post, AgbRoutes.ReleaseSession, $$"""{"sessionId":"{{id}}"}""");
        }
    }

    private static async Task RefusedAsync(HttpClient client, string link, int port)
    {
        var (status, envelope, _) = await TestServer.SendAsync(client, HttpMethod.Get, link);
        status.ShouldBe(502);
        envelope.Message.ShouldStartWith($"Nothing in the session answers on port {port}");
    }

    private static async Task<string> LinkAsync(TestServer server, string session, int port) =>
        (await server.CallAsync(HttpMethod.Post, AgbServerRoutes.GetSessionLink, $$"""{"sessionId":"{{session}}","port":{{port}},"scheme":"http"}""")).DataAs(WireJson.Default.UrlData)!.Url!;

    /// <summary>Starts a web server in a new session on a port that was free; null where sessions can't.</summary>
    private static async Task<(string Session, int Port)?> ServeAsync(TestServer server, string name, int away, string body = "{}")
    {
        // Two sessions with networks of their own have the same port.
        var port = IsolatedPort;
        if (body != IsolatedBody)
        {
            using var free = new TcpListener(IPAddress.Loopback, 0);
            free.Start();
            port = ((IPEndPoint)free.LocalEndpoint).Port;
            free.Stop();
        }
        var session = (await server.CreateSessionAsync(body)).SessionId!;
        var command = "command -v perl >/dev/null || exit 1\n" + WebServer.Replace("PORT", port.ToString()).Replace("AWAY", away.ToString()).Replace("NAME", name);
        var result = await server.CallToolAsync(session, "command", System.Text.Json.JsonSerializer.Serialize(new Dictionary<string, string> { ["command"] = command }));
        return result.IsError ? null : (session, port);
    }
}
