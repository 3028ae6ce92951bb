using Agb.Protocol;
using Agb.Server;
using Agb.Server.Tests.Support;

namespace Agb.Server.Tests;

/// <summary>Presigned URLs, tokens and links with any part of them changed, and URLs whose time is over.</summary>
public sealed class ForgedLinkTests
{
    private readonly TestClock _time = new();
    private readonly HttpClient _anybody = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_presigned_URL_with_any_part_changed_is_refused()
    {
        await using var server = await StartAsync();
        var other = new ApiKeyFile(server.Data).Add("other", null, DateTimeOffset.UtcNow).Key.OwnerId;
        var (download, upload) = await SignAsync(server);
        (await SendAsync("PUT", upload)).ShouldBe(200);
        (await SendAsync("GET", download)).ShouldBe(200);
        (await SendAsync("HEAD", download)).ShouldBe(200);

        // The other's method, whatever the query says of it.
        foreach (var (method, url) in new[] { ("GET", upload), ("HEAD", upload), ("PUT", download), ("PUT", download.Replace("method=GET", "method=PUT")) })
        {
            (await SendAsync(method, url)).ShouldBe(401, $"{method} {url}");
        }
        foreach (var (method, url) in new[] { ("PUT", upload), ("GET", download) })
        {
            var expires = Query(url, "expires");
            string[] changed =
            [
                url.Replace("/objects/default/", $"/objects/{other}/"), url.Replace("/objects/default/", "/objects/none/"), url.Replace("/objects/default/", "/objects/%2e%2e/"),
                url.Replace("/SdkCtx-", "/SdkCtx-0"), url.Replace("path=%2Fa", "path=%2Fb"), url.Replace("path=%2Fa", "path=%2Fa%2F..%2Fb"), url.Replace("path=%2Fa", "path="),
                url.Replace("path=%2Fa", "path=%2F%2Fa"), url.Replace("path=%2Fa&", ""), url + "&path=%2Fb", url.Replace(expires, (long.Parse(expires) + 1).ToString()),
                url.Replace(expires, "99999999999"), url.Replace(expires, "0" + expires), url.Replace(expires, "%2B" + expires), url.Replace("expires=" + expires, "expires="),
                url + "&expires=99999999999", url + "&signature=" + Query(url, "signature"), url[..^1], url + "A", url[..url.IndexOf("&signature", StringComparison.Ordinal)],
                .. Flips(Query(url, "signature")).Select(s => url.Replace(Query(url, "signature"), s)),
            ];
            foreach (var forged in changed)
            {
                forged.ShouldNotBe(url);
                (await SendAsync(method, forged)).ShouldBeOneOf([401, 404], $"{method} {forged}");
            }
        }
        (await SendAsync("GET", download)).ShouldBe(200);
    }

    [Fact]
    public async Task A_presigned_URL_is_good_until_its_time_is_over_and_no_longer()
    {
        await using var server = await StartAsync();
        var (download, upload) = await SignAsync(server);
        var left = DateTimeOffset.FromUnixTimeSeconds(long.Parse(Query(download, "expires"))) - _time.GetUtcNow();
        _time.Advance(left - TimeSpan.FromSeconds(1));
        (await SendAsync("PUT", upload)).ShouldBe(200);
        (await SendAsync("GET", download)).ShouldBe(200);

        _time.Advance(TimeSpan.FromSeconds(1));

        (await SendAsync("PUT", upload)).ShouldBe(401);
        (await SendAsync("GET", download)).ShouldBe(401);
        (await SendAsync("GET", download.Replace(Query(download, "expires"), "99999999999"))).ShouldBe(401);
    }

    [Fact]
    public async Task A_URL_is_void_when_its_owner_has_no_key_any_more()
    {
        await using var server = await StartAsync();
        var keys = new ApiKeyFile(server.Data);
        using var client = server.ClientOf(keys.Add("leaves", null, DateTimeOffset.UtcNow).Secret);
        var context = (await TestServer.SendAsync(client, HttpMethod.Get, "/sdk/GetContext?name=c&allowCreate=true")).Envelope.DataAs(WireJson.Default.ContextData)!.Id;
        var upload = (await TestServer.SendAsync(client, HttpMethod.Post, $"/sdk/GetContextFileUploadUrl?contextId={context}&filePath=/a"))
            .Envelope.DataAs(WireJson.Default.FileUrlData)!.Url!;
        (await SendAsync("PUT", upload)).ShouldBe(200);

        keys.Remove("leaves");

        (await SendAsync("PUT", upload)).ShouldBe(401);
    }

    [Fact]
    public async Task A_token_with_any_part_changed_is_refused_by_tools_and_sockets()
    {
        await using var server = await StartAsync();
        var session = await server.CreateSessionAsync();
        var other = await server.CreateSessionAsync();
        var (link, socket) = (new Uri(session.LinkUrl!).AbsolutePath, new Uri(session.WsUrl!).AbsolutePath);
        (await CallAsync(server, link, session.Token!)).ShouldBe(200);
        (await ConnectAsync(server, socket, session.Token!)).ShouldBe(101);

        foreach (var token in (string[])["", " ", other.Token!, session.Token! + "A", session.Token![..^1], session.Token + "," + session.Token, .. Flips(session.Token!)])
        {
            (await CallAsync(server, link, token)).ShouldBe(401, token);
            (await ConnectAsync(server, socket, token)).ShouldBe(401, token);
        }
        foreach (var path in (string[])["default." + other.SessionId, "other." + session.SessionId, "default.", ".", session.SessionId!, "default..." + session.SessionId, "%2e%2e.%2e%2e"])
        {
            (await CallAsync(server, "/link/" + path, session.Token!)).ShouldBeOneOf([401, 404], path);
            (await ConnectAsync(server, "/ws/" + path, session.Token!)).ShouldBeOneOf([401, 404], path);
        }
    }

    [Fact]
    public async Task A_link_to_a_port_with_any_part_changed_is_refused()
    {
        await using var server = await StartAsync();
        server.Fake.LinkTarget = new Uri("http://127.0.0.1:1/");
        var (session, other) = (await server.CreateSessionAsync(), await server.CreateSessionAsync());
        var link = (await server.CallAsync(HttpMethod.Get, $"/internet/getLink?sessionId={session.SessionId}&port=30100")).DataAs(WireJson.Default.UrlData)!.Url!;
        var signature = link.TrimEnd('/').Split('/')[^1];
        (await SendAsync("GET", link)).ShouldBe(502);

        foreach (var forged in (string[])
            [
                link.Replace("/30100/", "/30101/"), link.Replace("/30100/", "/030100/"), link.Replace("/30100/", "/+30100/"), link.Replace("/30100/", "/-30100/"),
                link.Replace("/30100/", "/30100.0/"), link.Replace("/30100/", "/4294997396/"), link.Replace("/30100/", "/22/"), link.Replace(session.SessionId!, other.SessionId!),
                link.Replace("/default.", "/other."), link.Replace(signature, session.Token!), .. Flips(signature).Select(s => link.Replace(signature, s)),
            ])
        {
            (await SendAsync("GET", forged)).ShouldBeOneOf([401, 404], forged);
        }
        server.Fake.Connections.Count.ShouldBe(1);
    }

    private static async Task<int> CallAsync(TestServer server, string link, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server.Url, link + "/callTool")) { Content = new StringContent("""{"tool":"echo"}""") };
        request.Headers.TryAddWithoutValidation(WireHeaders.AccessToken, token);
        using var client = server.ClientOf(null);
        return (int)(await client.SendAsync(request, Token)).StatusCode;
    }

    private static async Task<int> ConnectAsync(TestServer server, string target, string token)
    {
        using var connection = await RawConnection.OpenAsync(server);
        await connection.SendAsync(RawConnection.UpgradeRequest(target, $"{WireHeaders.AccessToken}: {token}"));
        return int.Parse((await connection.ReadHeadAsync()).Split(' ')[1]);
    }

    // One character after the other. The last one holds bits that mean nothing, and they count all the same.
    private static IEnumerable<string> Flips(string text) =>
        Enumerable.Range(0, text.Length).Select(i => $"{text[..i]}{(text[i] == 'A' ? 'B' : 'A')}{text[(i + 1)..]}").Append(text[..^1] + (char)(text[^1] + 1));

    private static string Query(string url, string name) => System.Web.HttpUtility.ParseQueryString(new Uri(url).Query)[name]!;

    private static async Task<(string Download, string Upload)> SignAsync(TestServer server)
    {
        var context = (await server.CallAsync(HttpMethod.Get, "/sdk/GetContext?name=c&allowCreate=true")).DataAs(WireJson.Default.ContextData)!.Id;
        async Task<string> UrlAsync(string direction) =>
            (await server.CallAsync(HttpMethod.Post, $"/sdk/GetContextFile{direction}Url?contextId={context}&filePath=/a")).DataAs(WireJson.Default.FileUrlData)!.Url!;
        return (await UrlAsync("Download"), await UrlAsync("Upload"));
    }

    private async Task<int> SendAsync(string method, string url)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), url) { Content = method == "PUT" ? new StringContent("x") : null };
        using var response = await _anybody.SendAsync(request, Token);
        return (int)response.StatusCode;
    }

    // Refused as forged, whatever their number.
    private Task<TestServer> StartAsync() => TestServer.StartAsync(o => o with { TimeProvider = _time, FailedAttemptsPerMinute = 0 });
}
