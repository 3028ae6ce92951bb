using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace Agb.Engine.Tests.Browsers;

/// <summary>One browser a session, from its start to its end, and its address on this machine.</summary>
public sealed class BrowserLifeTests : BrowserTest
{
    // The browser process alone is a child of the first process.
    private const string CountBrowsers = "pgrep -c -P 1 chromium || :";

    [Fact]
    public async Task A_session_has_one_browser_for_all_who_start_it()
    {
        var (service, other) = (Open(), Open());
        var session = await CreateAsync(service);
        (await FailsAsync(AgbErrorIds.BrowserNotRunning, () => service.GetBrowserAsync(session, Token))).Message.ShouldContain("not started");
        await service.StopBrowserAsync(session, Token);

        var started = await Task.WhenAll(new[] { service, other, service, other }.Select(s => s.StartBrowserAsync(session, new AgbBrowserRequest(), Token)));

        (await ShellAsync(service, session, CountBrowsers)).ShouldBe("1");
        started[0].Endpoint.ShouldBe(started[2].Endpoint);
        started[0].Endpoint.ShouldNotBe(started[1].Endpoint, "each process of the host has addresses of its own");
        using var here = await CdpPage.OpenAsync(started[0].Endpoint);
        using var there = await CdpPage.OpenAsync((await other.GetBrowserAsync(session, Token)).Endpoint);
        await here.EvaluateAsync("document.title = 'shared'");
        (await there.EvaluateAsync("document.title")).ShouldBe("shared", "both clients have the same page");
        (await here.EvaluateAsync("navigator.userAgent")).ShouldContain("Headless");

        // Another option restarts it; the address stays.
        var again = await other.StartBrowserAsync(session, new AgbBrowserRequest { UserAgent = "Mine/1.0" }, Token);

        again.Endpoint.ShouldBe(started[1].Endpoint);
        (await ShellAsync(service, session, CountBrowsers)).ShouldBe("1");
        using (var page = await CdpPage.OpenAsync(started[0].Endpoint))
        {
            (await page.EvaluateAsync("navigator.userAgent")).ShouldBe("Mine/1.0");
        }
        await EndsByItselfAsync(service, session, again.Endpoint);

        await service.StartBrowserAsync(session, new AgbBrowserRequest(), Token);
        await service.StopBrowserAsync(session, Token);

        (await FailsAsync(AgbErrorIds.BrowserNotRunning, () => other.GetBrowserAsync(session, Token))).Message.ShouldContain("stopped");
        (await ShellAsync(service, session, "pgrep -c chromium || :")).ShouldBe("0");
        (await ShellAsync(service, session, $"ls -A {AgbBrowserRequest.ProfileDirectory} | grep -c Singleton || :")).ShouldBe("0");
        await service.RemoveSessionAsync(session, cancellationToken: Token);
        await Home.RequireNothingLeftAsync();
    }

    private static async Task EndsByItselfAsync(EmbeddedService service, AgbSession session, string endpoint)
    {
        await ShellAsync(service, session, "kill -9 $(pgrep -o chromium)");
        await Eventually.HoldsAsync("the browser is gone", async () => await ShellAsync(service, session, CountBrowsers) == "0");

        (await FailsAsync(AgbErrorIds.BrowserNotRunning, () => service.GetBrowserAsync(session, Token))).Message.ShouldContain("by itself");
        var answer = await AskAsync(endpoint, "");
        answer.ShouldStartWith("HTTP/1.1 502 ");
        answer.ShouldContain("has ended by itself");
    }

    [Fact]
    public async Task The_address_is_for_those_who_have_it()
    {
        var service = Open();
        var (session, other) = (await CreateAsync(service), await CreateAsync(service));
        var browser = await service.StartBrowserAsync(session, new AgbBrowserRequest(), Token);
        var path = new Uri(browser.Endpoint).AbsolutePath;

        (await AskAsync(browser.Endpoint, "", path: $"/{new string('0', 48)}/devtools/browser")).ShouldStartWith("HTTP/1.1 403 ");
        (await AskAsync(browser.Endpoint, "", path: "/devtools/browser")).ShouldStartWith("HTTP/1.1 403 ");
        (await AskAsync(browser.Endpoint, "", path: "/")).ShouldStartWith("HTTP/1.1 403 ");
        (await AskAsync(browser.Endpoint, "", path: path.Replace("devtools/browser", "json/list"))).ShouldStartWith("HTTP/1.1 404 ");
        (await AskAsync(browser.Endpoint, $"X: {new string('x', 20_000)}\r\n")).ShouldStartWith("HTTP/1.1 400 ");
        foreach (var end in new[] { "", "/" })
        {
            var described = await AskAsync(browser.Endpoint, "Host: example.com\r\n", path: path.Replace("devtools/browser", "json/version" + end));
            JsonDocument.Parse(described[described.IndexOf('{')..]).RootElement.GetProperty("webSocketDebuggerUrl").GetString().ShouldBe(browser.Endpoint);
        }
        // A page of another site, or another name of this machine, makes no difference with the address.
        using var client = new ClientWebSocket();
        client.Options.SetRequestHeader("Origin", "https://example.com");
        client.Options.SetRequestHeader("Host", "elsewhere.example");
        await client.ConnectAsync(new Uri(browser.Endpoint + "/any-id"), Token);
        client.State.ShouldBe(WebSocketState.Open);

        // DevTools itself is in the session's own network.
        using var host = new System.Net.Sockets.TcpClient();
        (await Should.ThrowAsync<SocketException>(() => host.ConnectAsync(IPAddress.Loopback, 9222))).SocketErrorCode.ShouldBe(SocketError.ConnectionRefused);
        (await ShellAsync(service, other, "(: >/dev/tcp/127.0.0.1/9222) 2>&1 || :")).ShouldContain("refused");
        (await ShellAsync(service, session, "(: >/dev/tcp/127.0.0.1/9222) 2>&1 || :")).ShouldBe("");
        await FailsAsync(AgbErrorIds.BrowserNotRunning, () => service.GetBrowserAsync(other, Token));

        // Chromium keeps its own sandbox: renderers are confined once more.
        (await ShellAsync(service, session, "for p in $(pgrep -f '[t]ype=renderer'); do grep Seccomp: /proc/$p/status; done | sort -u")).ShouldBe("Seccomp:\t2");
        (await ShellAsync(service, session, "cat /proc/[0-9]*/cmdline | tr '\\0' '\\n' | grep -c '[n]o-sandbox' || :")).ShouldBe("0");
    }

    /// <summary>Sends a request of one's own making.</summary>
    private static async Task<string> AskAsync(string endpoint, string fields, string? path = null)
    {
        var uri = new Uri(endpoint);
        using var client = new System.Net.Sockets.TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, uri.Port, Token);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET {path ?? uri.AbsolutePath} HTTP/1.1\r\n{fields}\r\n"), Token);
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync(Token);
    }
}
