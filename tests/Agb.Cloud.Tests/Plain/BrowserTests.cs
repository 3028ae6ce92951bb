using Agb.Cloud.Tests.Support;

namespace Agb.Cloud.Tests.Plain;

/// <summary>Browsers by the AGB API.</summary>
public sealed class BrowserTests : PlainTest
{
    private static readonly SessionId s_session = new("s-1");

    [Fact]
    public async Task A_browser_is_started_with_its_options_and_has_the_link()
    {
        Fake.Ok("/browser/init", """{"port":9222}""");
        Fake.Ok("/internet/getCdpLink", """{"url":"ws://agb.example/cdp/x"}""");

        var browser = await Service.StartBrowserAsync(
            s_session, new AgbBrowserRequest { Stealth = true, Viewport = new AgbPixelSize(1280, 720), Type = AgbBrowserType.Chrome, Languages = ["de-DE"] }, Token);

        (browser.SessionId, browser.Endpoint, browser.Service).ShouldBe(("s-1", "ws://agb.example/cdp/x", Service));
        var sent = Fake.Of("/browser/init").ShouldHaveSingleItem();
        (sent.Method, sent.Query["sessionId"], sent.Query["persistentPath"], sent.Body).ShouldBe(("POST", "s-1", "/tmp/agb_browser_data", "{}"));
        sent.Query["browserOption"].ShouldBe(
            """{"useStealth":true,"browserType":"chrome","viewport":{"width":1280,"height":720},"fingerprint":{"locales":["de-DE"]}}""");
    }

    [Fact]
    public async Task An_option_that_the_API_has_not_is_refused_before_a_call()
    {
        AgbBrowserRequest[] requests =
        [
            new() { TimeZone = "Europe/Berlin" }, new() { Extensions = ["/tmp/e"] }, new() { Proxy = new AgbBrowserProxy("http://p:1") { Bypass = "localhost" } },
        ];
        foreach (var request in requests)
        {
            await FailsAsync<AgbException>(AgbErrorIds.NotSupported, () => Service.StartBrowserAsync(s_session, request, Token));
        }
        await FailsAsync<AgbException>(AgbErrorIds.InvalidBrowserOption, () => Service.StartBrowserAsync(s_session, new AgbBrowserRequest { UserAgent = "" }, Token));
        Fake.Calls.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_missing_port_or_link_is_an_error_of_the_service()
    {
        Fake.Ok("/browser/init", "{}");
        await FailsAsync<AgbServiceException>(AgbErrorIds.ServiceRefused, () => Service.StartBrowserAsync(s_session, new AgbBrowserRequest(), Token));
        Fake.Ok("/internet/getCdpLink", """{"url":""}""");
        await FailsAsync<AgbServiceException>(AgbErrorIds.ServiceRefused, () => Service.GetBrowserAsync(s_session, Token));
    }

    [Fact]
    public async Task A_refusal_keeps_the_services_words()
    {
        Fake.On("/internet/getCdpLink", FakeAgb.No("BrowserOff", "no browser here"));

        var error = await FailsAsync<AgbServiceException>(AgbErrorIds.ServiceRefused, () => Service.GetBrowserAsync(s_session, Token));

        error.Message.ShouldContain("no browser here");
    }

    [Fact]
    public async Task A_browser_is_stopped_by_its_tool()
    {
        OnSession();
        OnTool("true");
        await Service.StopBrowserAsync(s_session, Token);
        (Fake.Of("/mcp")[0].Json.GetProperty("name").GetString(), Fake.Of("/mcp")[0].Json.GetProperty("args").GetString()).ShouldBe(("stopChrome", "{}"));
        OnTool("it hangs", isError: true);
        (await FailsAsync<AgbServiceException>(AgbErrorIds.ServiceRefused, () => Service.StopBrowserAsync(s_session, Token))).Message.ShouldContain("it hangs");
    }
}
