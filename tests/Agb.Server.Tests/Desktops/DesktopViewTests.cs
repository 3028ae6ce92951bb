using System.Diagnostics;
using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Agb.Protocol;
using Agb.Server.Tests.Support;

namespace Agb.Server.Tests.Desktops;

/// <summary>The live view: its links, its files, its WebSocket, and the page in a real browser.</summary>
public sealed class DesktopViewTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_person_sees_and_steers_the_desktop_in_a_browser()
    {
        CdpPage.RequireBrowser();
        await using var server = await DesktopToolTests.StartAsync();
        var session = await DesktopToolTests.CreateAsync(server);
        await StartAppAsync(server, session, "xterm -bg red -fg red -cr red -geometry 100x40+600+300");
        using var browser = await HostBrowser.StartAsync();

        using (var page = await CdpPage.OpenAsync(browser.Endpoint))
        {
            await ShowAsync(page, session.ResourceUrl!);
            (await page.EvaluateAsync("document.title")).ShouldBe($"Desktop of {session.SessionId}");
            (await page.EvaluateAsync("document.getElementById('mode').hidden")).ShouldBe("true");
            await Eventually.HoldsAsync("the window is shown", async () => await ColourAsync(page, 1000, 600) == "FF0000");
            (await ColourAsync(page, 20, 1000)).ShouldBe("000000");
            await ClickAsync(page, 400, 700);
            await Eventually.HoldsAsync("the mouse is there", async () => await IsNearAsync(server, session, 400, 700));
        }

        var watch = await ViewOnlyAsync(server, session);
        using (var page = await CdpPage.OpenAsync(browser.Endpoint, isNew: true))
        {
            await ShowAsync(page, watch);
            (await page.EvaluateAsync("document.title")).ShouldBe($"Desktop of {session.SessionId} (view only)");
            (await page.EvaluateAsync("document.getElementById('mode').textContent + document.getElementById('mode').hidden")).ShouldBe("view onlyfalse");
            await Eventually.HoldsAsync("the window is shown", async () => await ColourAsync(page, 1000, 600) == "FF0000");
            await ClickAsync(page, 1500, 900);
            await Task.Delay(500, Token);
            (await IsNearAsync(server, session, 400, 700)).ShouldBeTrue("the mouse has not moved");
            await server.CallAsync(HttpMethod.Post, AgbRoutes.ReleaseSession, $$"""{"sessionId":"{{session.SessionId}}"}""");
            await Eventually.HoldsAsync("the view has ended", async () => await page.EvaluateAsync("document.getElementById('state').textContent") != "Connected");
            (await page.EvaluateAsync("document.getElementById('state').textContent")).ShouldContain("released");
        }
        server.Log.ShouldNotContain(l => l.Contains(SignatureOf(watch), StringComparison.Ordinal));
        server.Log.ShouldNotContain(l => l.Contains(SignatureOf(session.ResourceUrl!), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_viewer_without_control_can_not_move_the_mouse_by_the_protocol()
    {
        await using var server = await DesktopToolTests.StartAsync();
        var session = await DesktopToolTests.CreateAsync(server);
        await server.CallToolAsync(session.SessionId!, "move_mouse", """{"x":10,"y":10}""");

        await PointAsync(await ViewOnlyAsync(server, session), 700, 500);
        await Task.Delay(1000, Token);
        (await IsNearAsync(server, session, 10, 10)).ShouldBeTrue();
        await PointAsync(session.ResourceUrl!, 700, 500);
        await Eventually.HoldsAsync("the mouse is there", async () => await IsNearAsync(server, session, 700, 500));
        await server.CallAsync(HttpMethod.Post, AgbRoutes.ReleaseSession, $$"""{"sessionId":"{{session.SessionId}}"}""");
    }

    [Fact]
    public async Task Links_are_bound_to_session_and_mode_and_files_to_their_directory()
    {
        await using var server = await DesktopToolTests.StartAsync();
        var session = await DesktopToolTests.CreateAsync(server);
        var other = await DesktopToolTests.CreateAsync(server);
        var (control, watch) = (session.ResourceUrl!, await ViewOnlyAsync(server, session));
        using var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });

        string[] forged =
        [
            control.Replace("/control/", "/watch/"), watch.Replace("/watch/", "/control/"), control.Replace("/control/", "/other/"),
            control.Replace(session.SessionId!, other.SessionId!), control.Replace("/default.", "/none."), control[..^3] + "A/", control + "socket/../../x/",
        ];
        foreach (var link in forged.Take(6))
        {
            foreach (var file in new[] { "", "view.js", "novnc/core/rfb.js", "socket" })
            {
                (await client.GetAsync(link + file, Token)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized, link + file);
            }
        }
        using var page = await client.GetAsync(control, Token);
        page.StatusCode.ShouldBe(HttpStatusCode.OK);
        page.Headers.GetValues("Referrer-Policy").ShouldBe(["no-referrer"]);
        page.Headers.GetValues("Content-Security-Policy").Single().ShouldContain("default-src 'none'; script-src 'self'");
        using var bare = await client.GetAsync(control.TrimEnd('/'), Token);
        (bare.StatusCode, bare.Headers.Location!.ToString()).ShouldBe((HttpStatusCode.Found, SignatureOf(control) + "/"));
        using var script = await client.GetAsync(control + "novnc/core/rfb.js", Token);
        script.Content.Headers.ContentType!.ToString().ShouldBe("text/javascript; charset=utf-8");
        (await script.Content.ReadAsByteArrayAsync(Token)).ShouldBe(await File.ReadAllBytesAsync("/usr/share/novnc/core/rfb.js", Token));
        foreach (var file in new[] { "novnc/vnc.html", "novnc/core/../../../../etc/passwd", "novnc/core/%2e%2e/%2e%2e/%2e%2e/etc/passwd", "novnc/core/..%2f..%2f..%2fetc%2fpasswd", "novnc//etc/passwd", "novnc/core", "novnc/core/none.js", "none.html", "novnc/core/.hidden.js" })
        {
            using var answer = await client.GetAsync(control + file, Token);
            answer.StatusCode.ShouldBeOneOf(HttpStatusCode.NotFound, HttpStatusCode.Unauthorized);
        }
        using var noSocket = await client.GetAsync(control + "socket", Token);
        noSocket.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        foreach (var id in new[] { session.SessionId, other.SessionId })
        {
            await server.CallAsync(HttpMethod.Post, AgbRoutes.ReleaseSession, $$"""{"sessionId":"{{id}}"}""");
        }
        using var gone = await client.GetAsync(control, Token);
        gone.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await gone.Content.ReadAsStringAsync(Token)).ShouldContain("was released");
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(SocketOf(control), Token);
        (await socket.ReceiveAsync(new byte[100], Token)).MessageType.ShouldBe(WebSocketMessageType.Close);
        socket.CloseStatusDescription!.ShouldContain("was released");
    }

    [Fact]
    public async Task Without_noVNC_the_page_says_what_to_install()
    {
        await using var server = await DesktopToolTests.StartAsync(o => o with { NoVncDirectory = "/nonexistent" });
        var session = await DesktopToolTests.CreateAsync(server);
        using var client = new HttpClient();

        using var answer = await client.GetAsync(session.ResourceUrl, Token);

        ((int)answer.StatusCode).ShouldBeInRange(500, 599);
        (await answer.Content.ReadAsStringAsync(Token)).ShouldContain("package novnc");
        await server.CallAsync(HttpMethod.Post, AgbRoutes.ReleaseSession, $$"""{"sessionId":"{{session.SessionId}}"}""");
    }

    [Fact]
    public async Task A_session_without_a_desktop_has_no_view()
    {
        await using var server = await TestServer.StartAsync();
        var session = await server.CreateSessionAsync();

        var (_, envelope, _) = await TestServer.SendAsync(server.Client, HttpMethod.Post, AgbServerRoutes.GetDesktopView, $$"""{"sessionId":"{{session.SessionId}}"}""");
        envelope.Code.ShouldBe(AgbErrorIds.NotSupported);
        await server.RefusesAsync(HttpMethod.Post, AgbServerRoutes.GetDesktopView, """{"sessionId":"none"}""", AgbErrorIds.SessionNotFound);
    }

    private static async Task ShowAsync(CdpPage page, string url)
    {
        await page.SendAsync("Emulation.setDeviceMetricsOverride", new JsonObject { ["width"] = 1920, ["height"] = 1180, ["deviceScaleFactor"] = 1, ["mobile"] = false });
        await page.GoAsync(url);
        await Eventually.HoldsAsync("the view is connected", async () => await page.EvaluateAsync("document.getElementById('state').textContent") == "Connected");
    }

    /// <summary>The colour of a point of the desktop in a picture of the page.</summary>
    private static async Task<string> ColourAsync(CdpPage page, int x, int y)
    {
        var (left, top, scale) = await PlaceAsync(page);
        var shot = await page.SendAsync("Page.captureScreenshot");
        var picture = new PngPicture(shot.GetProperty("data").GetBytesFromBase64());
        return picture[(int)(left + (x * scale)), (int)(top + (y * scale))];
    }

    private static async Task ClickAsync(CdpPage page, int x, int y)
    {
        var (left, top, scale) = await PlaceAsync(page);
        foreach (var type in new[] { "mouseMoved", "mousePressed", "mouseReleased" })
        {
            await page.SendAsync("Input.dispatchMouseEvent", new JsonObject
            {
                ["type"] = type, ["x"] = left + (x * scale), ["y"] = top + (y * scale), ["button"] = type == "mouseMoved" ? "none" : "left", ["clickCount"] = 1,
            });
        }
    }

    private static async Task<(double Left, double Top, double Scale)> PlaceAsync(CdpPage page)
    {
        var text = await page.EvaluateAsync("(r => [r.left, r.top, r.width / 1920].join())(document.querySelector('#screen canvas').getBoundingClientRect())");
        var numbers = text.Split(',').Select(n => double.Parse(n, System.Globalization.CultureInfo.InvariantCulture)).ToArray();
        return (numbers[0], numbers[1], numbers[2]);
    }

    private static async Task<bool> IsNearAsync(TestServer server, SessionData session, int x, int y)
    {
        var position = JsonNode.Parse((await server.CallToolAsync(session.SessionId!, "get_cursor_position", "{}")).JoinText())!;
        return Math.Abs((int)position["x"]! - x) <= 3 && Math.Abs((int)position["y"]! - y) <= 3;
    }

    private static async Task StartAppAsync(TestServer server, SessionData session, string command)
    {
        var started = await server.CallToolAsync(session.SessionId!, "start_app", new JsonObject { ["start_cmd"] = command }.ToJsonString());
        started.IsError.ShouldBeFalse(started.JoinText());
    }

    private static async Task<string> ViewOnlyAsync(TestServer server, SessionData session) =>
        (await server.CallAsync(HttpMethod.Post, AgbServerRoutes.GetDesktopView, $$"""{"sessionId":"{{session.SessionId}}","viewOnly":true}""")).DataAs(WireJson.Default.UrlData)!.Url!;

    private static string SignatureOf(string link) => new Uri(link).Segments[^1].TrimEnd('/');

    private static Uri SocketOf(string link) => new(link.Replace("http:", "ws:") + "socket");

    /// <summary>Moves the mouse as a client of the RFB protocol (RFC 6143, sections 7.1 and 7.5.5).</summary>
    private static async Task PointAsync(string link, ushort x, ushort y)
    {
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(SocketOf(link), Token);
        socket.SubProtocol.ShouldBeNull();
        Encoding.ASCII.GetString(await ReadAsync(socket, 12)).ShouldBe("RFB 003.008\n");
        await SendAsync(socket, Encoding.ASCII.GetBytes("RFB 003.008\n"));
        var types = await ReadAsync(socket, 1);
        await ReadAsync(socket, types[0]);
        // No authentication: the link is the key.
        await SendAsync(socket, [1]);
        (await ReadAsync(socket, 4)).ShouldBe(new byte[4]);
        await SendAsync(socket, [1]);
        var screen = await ReadAsync(socket, 24);
        (screen[0] << 8 | screen[1], screen[2] << 8 | screen[3]).ShouldBe((1920, 1080));
        await SendAsync(socket, [5, 0, (byte)(x >> 8), (byte)x, (byte)(y >> 8), (byte)y]);
        await Task.Delay(300, Token);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "", Token);
    }

    private static async Task<byte[]> ReadAsync(ClientWebSocket socket, int count)
    {
        var bytes = new byte[count];
        for (var read = 0; read < count;)
        {
            var part = await socket.ReceiveAsync(bytes.AsMemory(read), Token);
            part.MessageType.ShouldBe(WebSocketMessageType.Binary);
            read += part.Count;
        }
        return bytes;
    }

    private static Task SendAsync(ClientWebSocket socket, byte[] bytes) => socket.SendAsync(bytes, WebSocketMessageType.Binary, true, Token);

    /// <summary>A browser of this host, without a window.</summary>
    private sealed class HostBrowser(Process process, string profile, string endpoint) : IDisposable
    {
        internal string Endpoint => endpoint;

        internal static async Task<HostBrowser> StartAsync()
        {
            var profile = Directory.CreateTempSubdirectory("agb-view-").FullName;
            // Not as root, to keep the browser's own sandbox.
            const UnixFileMode Everybody = (UnixFileMode)0b111_111_111;
            File.SetUnixFileMode(profile, Everybody);
            string[] asUser = Environment.IsPrivilegedProcess ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : ["env"];
            string[] arguments =
                [.. asUser[1..], "/usr/lib/chromium/chromium", "--headless=new", "--no-first-run", "--remote-debugging-port=0", $"--user-data-dir={profile}/data", "about:blank"];
            var process = Process.Start(new ProcessStartInfo(asUser[0], arguments) { RedirectStandardError = true, Environment = { ["HOME"] = profile } })!;
            _ = process.StandardError.ReadToEndAsync();
            var file = Path.Combine(profile, "data", "DevToolsActivePort");
            await Eventually.HoldsAsync("the browser answers", () => File.Exists(file) && File.ReadAllLines(file).Length == 2);
            var lines = await File.ReadAllLinesAsync(file, Token);
            return new HostBrowser(process, profile, $"ws://127.0.0.1:{lines[0]}{lines[1]}");
        }

        public void Dispose()
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            process.Dispose();
            Directory.Delete(profile, recursive: true);
        }
    }
}
