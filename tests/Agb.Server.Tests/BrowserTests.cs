using System.Buffers.Binary;
using System.Net;
using System.Net.WebSockets;
using System.Text.Json;
using Agb.Protocol;
using Agb.Server;
using Agb.Server.Tests.Support;

namespace Agb.Server.Tests;

/// <summary>Browsers of sessions by the AGB API, with the real engine and a real browser.</summary>
public sealed class BrowserTests
{
    private const string Image = "agb-browser-use-1";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_link_leads_to_the_browser_that_runs_and_to_it_alone()
    {
        await using var server = await StartAsync();
        var (session, other) = (await CreateAsync(server), await CreateAsync(server));
        await server.RefusesAsync(HttpMethod.Post, $"/internet/getCdpLink?sessionId={session}", "{}", AgbErrorIds.BrowserNotRunning);

        (await InitAsync(server, session, """{"useStealth":true,"solveCaptchas":false,"fingerprint":{},"extensionPath":"/tmp/extensions/","viewport":{"width":900,"height":600}}"""))
            .Port.ShouldBe(9222);

        var link = await LinkAsync(server, session);
        link.ShouldStartWith($"ws://127.0.0.1:{server.Url.Port}/cdp/");
        using (var page = await CdpPage.OpenAsync(link))
        using (var second = await CdpPage.OpenAsync(link + "/an-earlier-id"))
        {
            (await page.EvaluateAsync("[innerWidth, innerHeight, navigator.webdriver]")).ShouldBe("900,600,false");
            await page.EvaluateAsync("document.title = 'one'");
            (await second.EvaluateAsync("document.title")).ShouldBe("one");
        }
        await OthersAreRefusedAsync(server, link, other);

        // A page of another site can be a client too, and clients may call the server by any name.
        using var client = new ClientWebSocket();
        client.Options.SetRequestHeader("Origin", "https://example.com");
        client.Options.SetRequestHeader("Host", "agb.example");
        await client.ConnectAsync(new Uri(link), Token);
        client.State.ShouldBe(WebSocketState.Open);

        await SurvivesRestartsAsync(server, session, link);
        foreach (var id in new[] { session, other })
        {
            await server.CallAsync(HttpMethod.Post, AgbRoutes.ReleaseSession, $$"""{"sessionId":"{{id}}"}""");
        }
        using var http = new HttpClient();
        using var answer = await http.GetAsync(link.Replace("ws:", "http:"), Token);
        (await answer.Content.ReadAsStringAsync(Token)).ShouldContain("was released");
    }

    private static async Task OthersAreRefusedAsync(TestServer server, string link, string other)
    {
        var port = (await server.CallAsync(HttpMethod.Post, AgbServerRoutes.GetSessionLink, $$"""{"sessionId":"{{other}}","port":9222,"scheme":"http"}"""))
            .DataAs(WireJson.Default.UrlData)!.Url!;
        var portSignature = new Uri(port).Segments[^1].Trim('/');
        var signature = new Uri(link).Segments[3].Trim('/');
        var session = new Uri(link).Segments[2].Trim('/');
        foreach (var forged in new[]
        {
            link.Replace(signature, signature[..^2] + "AA"), link.Replace(signature, portSignature), link.Replace(session, "default." + other), link.Replace("/default.", "/none."),
        })
        {
            forged.ShouldNotBe(link);
            (await StatusAsync(forged)).ShouldBe(HttpStatusCode.Unauthorized, forged);
        }
        (await StatusAsync(link.Replace("devtools/browser", "json/list"))).ShouldBe(HttpStatusCode.NotFound);
        // The signature of a browser is none of a port.
        (await StatusAsync(port.Replace(portSignature, signature))).ShouldBe(HttpStatusCode.Unauthorized);
        using var http = new HttpClient();
        foreach (var end in new[] { "", "/" })
        {
            var version = await http.GetStringAsync(link.Replace("ws:", "http:").Replace("devtools/browser", "json/version" + end), Token);
            JsonDocument.Parse(version).RootElement.GetProperty("webSocketDebuggerUrl").GetString().ShouldBe(link);
        }
    }

    private static async Task SurvivesRestartsAsync(TestServer server, string session, string link)
    {
        (await server.CallToolAsync(session, "stopChrome", "{}")).IsError.ShouldBeFalse();
        (await StatusAsync(link)).ShouldBe(HttpStatusCode.Conflict);
        await InitAsync(server, session, "{}");
        (await LinkAsync(server, session)).ShouldBe(link);
        using (var page = await CdpPage.OpenAsync(link))
        {
            (await page.EvaluateAsync("1 + 1")).ShouldBe("2");
        }

        var killed = await server.CallToolAsync(session, "shell", """{"command":"kill -9 $(pgrep -o chromium); while pgrep -P 1 chromium; do sleep 0.02; done"}""");
        killed.IsError.ShouldBeFalse(killed.JoinText());
        (await server.RefusesAsync(HttpMethod.Post, $"/internet/getCdpLink?sessionId={session}", "{}", AgbErrorIds.BrowserNotRunning)).Message.ShouldContain("by itself");
        (await server.CallToolAsync(session, "page_use_screenshot", "{}")).ShouldSatisfyAllConditions(
            r => r.IsError.ShouldBeTrue(), r => r.JoinText().ShouldContain("ended by itself"));
        await InitAsync(server, session, "{}");
        using var again = await CdpPage.OpenAsync(link);
        (await again.EvaluateAsync("2 + 2")).ShouldBe("4");
    }

    [Fact]
    public async Task Page_tools_work_on_the_page_in_front_and_say_why_not()
    {
        await using var server = await StartAsync();
        var session = await CreateAsync(server);
        (await server.CallToolAsync(session, "page_use_navigate", """{"url":"about:blank"}""")).ShouldSatisfyAllConditions(
            r => r.IsError.ShouldBeTrue(), r => r.JoinText().ShouldContain("not started"));
        await InitAsync(server, session, "{}");

        (await server.CallToolAsync(session, "page_use_navigate", """{"url":"data:text/html,<title>tall</title><body style='margin:0'><div style='height:20000px'>"}""")).ShouldSatisfyAllConditions(
            r => r.IsError.ShouldBeFalse(), r => r.JoinText().ShouldContain("tall"));
        SizeOf(await ShootAsync("""{"context_id":0,"full_page":true,"quality":80}""")).ShouldBe((1920, 20_000));
        SizeOf(await ShootAsync("""{"clip":{"x":10,"y":10,"width":300,"height":200}}""")).ShouldBe((300, 200));
        SizeOf(await ShootAsync("{}")).ShouldBe((1920, 993));
        foreach (var (format, magic) in new[] { ("png", "iVBORw0KGgo"), ("jpeg", "/9j/") })
        {
            var picture = await server.CallToolAsync(session, "screenshot", $$"""{"format":"{{format}}"}""");
            picture.IsError.ShouldBeFalse(picture.JoinText());
            var root = JsonDocument.Parse(picture.JoinText()).RootElement;
            root.GetProperty("mime_type").GetString().ShouldBe("image/" + format);
            root.GetProperty("data").GetString().ShouldStartWith(magic, Case.Sensitive);
            (root.GetProperty("width").GetInt32(), root.GetProperty("height").GetInt32()).ShouldBe((1920, 993));
        }

        (await FailsAsync("page_use_navigate", """{"url":"http://127.0.0.1:8/"}""")).ShouldContain("ERR_CONNECTION_REFUSED");
        (await FailsAsync("page_use_navigate", "{}")).ShouldContain("'url' is missing");
        (await FailsAsync("page_use_screenshot", """{"page_id":"none"}""")).ShouldContain("no page with the id 'none'");
        (await FailsAsync("page_use_screenshot", """{"context_id":1}""")).ShouldContain("context_id");
        (await FailsAsync("page_use_screenshot", """{"clip":{"x":1}}""")).ShouldContain("clip");
        (await FailsAsync("page_use_act", """{"action":"click"}""")).ShouldContain("language model");
        (await server.CallToolAsync(session, "page_use_close_session", "{}")).ShouldSatisfyAllConditions(r => r.IsError.ShouldBeFalse(), r => r.JoinText().ShouldNotBeEmpty());
        (await server.CallToolAsync(session, "stopChrome", "{}")).JoinText().ShouldBe("true");
        (await server.CallToolAsync(session, "stopChrome", "{}")).JoinText().ShouldBe("true", "also without a browser");
        (await FailsAsync("page_use_screenshot", "{}")).ShouldContain("was stopped");

        async Task<byte[]> ShootAsync(string arguments)
        {
            var answer = await server.CallToolAsync(session, "page_use_screenshot", arguments);
            answer.IsError.ShouldBeFalse(answer.JoinText());
            const string Start = "data:image/jpeg;base64,";
            answer.JoinText().ShouldStartWith(Start);
            return Convert.FromBase64String(answer.JoinText()[Start.Length..]);
        }

        async Task<string> FailsAsync(string tool, string arguments)
        {
            var answer = await server.CallToolAsync(session, tool, arguments);
            answer.IsError.ShouldBeTrue(answer.JoinText());
            return answer.JoinText();
        }
    }

    [Fact]
    public async Task An_image_without_a_browser_says_so()
    {
        await using var server = await StartAsync();
        var code = await server.CreateSessionAsync();
        var browser = await CreateAsync(server);

        ToolListJson.ReadServers(code.ToolList).Keys.ShouldNotContain("stopChrome");
        (await ToolsAsync("agb-code-space-1")).ShouldNotContain("page_use_navigate");
        (await ToolsAsync(Image)).ShouldContain("page_use_navigate");
        (await server.CallToolAsync(code.SessionId!, "stopChrome", "{}")).ShouldSatisfyAllConditions(
            r => r.IsError.ShouldBeTrue(), r => r.JoinText().ShouldContain("no browser"));
        var (status, envelope, _) = await TestServer.SendAsync(server.Client, HttpMethod.Post, $"/browser/init?sessionId={code.SessionId}", "{}");
        envelope.Code.ShouldBe(AgbErrorIds.NotSupported, $"{status}");
        foreach (var (query, id) in new[]
        {
            ("browserOption=%7B%22solveCaptchas%22%3Atrue%7D", AgbErrorIds.InvalidBrowserOption), ("browserOption=%5B%5D", AgbErrorIds.InvalidRequest),
            ("persistentPath=/home/x", AgbErrorIds.InvalidBrowserOption), ("browserOption=%7B%22cmdArgs%22%3A%5B%22--no-sandbox%22%5D%7D", AgbErrorIds.InvalidBrowserOption),
        })
        {
            await server.RefusesAsync(HttpMethod.Post, $"/browser/init?sessionId={browser}&{query}", "{}", id);
        }

        async Task<IEnumerable<string?>> ToolsAsync(string image)
        {
            using var data = (await server.CallAsync(HttpMethod.Post, $"/mcp/listTools?imageId={image}")).Data!.Value.Deserialize<JsonDocument>()!;
            return ToolListJson.ReadDescriptions(data.RootElement.GetString()).Select(t => t.Name);
        }
    }

    private static async Task<TestServer> StartAsync()
    {
        CdpPage.RequireBrowser();
        return await TestServer.StartAsync(o => o with { ConfigureServices = null }, useEngine: true);
    }

    private static async Task<string> CreateAsync(TestServer server) =>
        (await server.CallAsync(HttpMethod.Post, $"/mcp/createSession?imageId={Image}", "{}")).DataAs(WireJson.Default.SessionData)!.SessionId!;

    private static async Task<BrowserInitData> InitAsync(TestServer server, string session, string option) => (await server.CallAsync(
        HttpMethod.Post, $"/browser/init?sessionId={session}&persistentPath=%2Ftmp%2Fagb_browser_data&browserOption={Uri.EscapeDataString(option)}"))
        .DataAs(WireJson.Default.BrowserInitData)!;

    private static async Task<string> LinkAsync(TestServer server, string session) =>
        (await server.CallAsync(HttpMethod.Post, $"/internet/getCdpLink?sessionId={session}", "{}")).DataAs(WireJson.Default.CdpLinkData)!.Url!;

    private static async Task<HttpStatusCode> StatusAsync(string link)
    {
        using var client = new HttpClient();
        using var answer = await client.GetAsync(link.Replace("ws:", "http:"), HttpCompletionOption.ResponseHeadersRead, Token);
        return answer.StatusCode;
    }

    // Up to the start of a frame (ITU-T T.81, B.2.2).
    private static (int Width, int Height) SizeOf(byte[] jpeg)
    {
        var at = 2;
        while (jpeg[at + 1] is not (>= 0xC0 and <= 0xC3))
        {
            at += 2 + BinaryPrimitives.ReadUInt16BigEndian(jpeg.AsSpan(at + 2));
        }
        return (BinaryPrimitives.ReadUInt16BigEndian(jpeg.AsSpan(at + 7)), BinaryPrimitives.ReadUInt16BigEndian(jpeg.AsSpan(at + 5)));
    }
}
