using Agb.Browser;
using Agb.Conformance;

namespace Agb.Cloud.Tests.Conformance;

/// <summary>A browser in a session, through a client and a server.</summary>
[RunsOn(Services.Server)]
public sealed class ServerBrowserTests : ServiceTest
{
    private IBrowserService Browsers => (IBrowserService)Service;

    [Fact]
    public async Task A_browser_is_driven_by_the_servers_link_until_it_is_stopped()
    {
        CdpPage.RequireBrowser();
        var session = await Service.CreateSessionAsync(new AgbSessionRequest { ImageId = "agb-browser-use-1" }, Token);
        await FailsAsync(AgbErrorIds.BrowserNotRunning, () => Browsers.GetBrowserAsync(session, Token));

        var browser = await Browsers.StartBrowserAsync(session, new AgbBrowserRequest { Languages = ["de-DE"], TimeZone = "Europe/Berlin" }, Token);
        browser.Version.ShouldStartWith("Chrome");
        await using (var pages = await BrowserPages.ConnectAsync(browser, Token))
        {
            var page = await pages.OpenAsync("data:text/html,<title>Here</title>", null, Patience, Token);
            var said = await pages.EvaluateAsync(
                page.PageId, "document.title + navigator.language + Intl.DateTimeFormat().resolvedOptions().timeZone", null, Token);
            said!.Value.GetString().ShouldBe("Herede-DEEurope/Berlin");
        }

        await Browsers.StopBrowserAsync(session, Token);
        await FailsAsync(AgbErrorIds.BrowserNotRunning, () => Browsers.GetBrowserAsync(session, Token));
        await FailsAsync(AgbErrorIds.BrowserNotRunning, () => BrowserPages.ConnectAsync(browser, Token));
        await Service.RemoveSessionAsync(session, cancellationToken: Token);
    }

    [Fact]
    public async Task A_session_without_a_browser_says_so_with_the_id()
    {
        var session = await Service.CreateSessionAsync(new AgbSessionRequest(), Token);

        await FailsAsync(AgbErrorIds.NotSupported, () => Browsers.StartBrowserAsync(session, new AgbBrowserRequest(), Token));
        await FailsAsync(AgbErrorIds.NotSupported, () => Browsers.StopBrowserAsync(session, Token));
        await FailsAsync(AgbErrorIds.SessionNotFound, () => Browsers.GetBrowserAsync(new SessionId("s-none"), Token));
        await Service.RemoveSessionAsync(session, cancellationToken: Token);
    }
}
