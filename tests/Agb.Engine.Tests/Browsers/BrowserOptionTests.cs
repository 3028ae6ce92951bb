namespace Agb.Engine.Tests.Browsers;

/// <summary>Options are those that a page sees.</summary>
public sealed class BrowserOptionTests : BrowserTest
{
    private const string Extension =
        """
        mkdir -p /tmp/extensions/src && cd /tmp/extensions/src &&
        printf '{"manifest_version":3,"name":"Marker","version":"1.0","content_scripts":[{"matches":["<all_urls>"],"js":["m.js"]}]}' >manifest.json &&
        printf 'document.documentElement.dataset.marked = "yes"' >m.js && python3 -m zipfile -c ../marker.zip manifest.json m.js && cd .. && rm -r src
        """;

    [Fact]
    public async Task Every_option_is_seen_by_pages()
    {
        var service = Open();
        var session = await CreateAsync(service);
        await ServeAsync(service, session);
        await ShellAsync(service, session, Extension);

        var browser = await service.StartBrowserAsync(
            session,
            new AgbBrowserRequest
            {
                Viewport = new(1000, 700),
                Screen = new(1600, 1200),
                Languages = ["de-DE", "fr"],
                TimeZone = "Asia/Tokyo",
                Stealth = true,
                Proxy = new AgbBrowserProxy("http://127.0.0.1:8000"),
                StartUrl = "http://start.example/first",
                Arguments = ["--disable-features=PrivacySandboxSettings4"],
            },
            Token);

        browser.Version.ShouldStartWith("Chrome/");
        browser.Extensions.ShouldBe(["/tmp/extensions/marker"]);
        using var first = await CdpPage.OpenAsync(browser.Endpoint);
        await Eventually.HoldsAsync("the start URL is open", async () => await first.EvaluateAsync("location.href") == "http://start.example/first");
        (await first.EvaluateAsync("[innerWidth, innerHeight]")).ShouldBe("1000,700");
        using var page = await CdpPage.OpenAsync(browser.Endpoint, isNew: true);
        await page.GoAsync("http://page.example/second");
        (await page.EvaluateAsync("[innerWidth, innerHeight]")).ShouldBe("1000,700");
        (await page.EvaluateAsync("[screen.width, screen.height]")).ShouldBe("1600,1200");
        (await page.EvaluateAsync("[navigator.language, ...navigator.languages]")).ShouldBe("de-DE,de-DE,fr");
        (await page.EvaluateAsync("Intl.DateTimeFormat().resolvedOptions().timeZone")).ShouldBe("Asia/Tokyo");
        (await page.EvaluateAsync("navigator.webdriver")).ShouldBe("false");
        (await page.EvaluateAsync("navigator.userAgent")).ShouldNotContain("Headless");
        (await page.EvaluateAsync("document.documentElement.dataset.marked")).ShouldBe("yes", "the content script of the extension ran");
        // The proxy gets the whole URL, and the request's own head.
        (await page.EvaluateAsync("document.getElementById('path').innerText")).ShouldBe("http://page.example/second");
        var head = await page.EvaluateAsync("document.getElementById('head').innerText");
        head.ShouldContain("Accept-Language: de-DE,");
        head.ShouldNotContain("Headless");
    }

    [Fact]
    public async Task On_a_desktop_the_browser_has_a_window_there()
    {
        var service = Open();
        var image = (await service.ListImagesAsync(Token)).Single(i => i.ImageId == "agb-computer-use-1");
        Assert.SkipWhen(image.Missing.Count > 0, $"This host lacks {string.Join(", ", image.Missing)}.");
        var session = await service.CreateSessionAsync(new AgbSessionRequest { ImageId = image.ImageId }, Token);
        var screen = await service.GetScreenAsync(session, Token);
        await FailsAsync(
            AgbErrorIds.InvalidBrowserOption, () => service.StartBrowserAsync(session, new AgbBrowserRequest { Screen = new(screen.Width + 1, screen.Height) }, Token));

        var browser = await service.StartBrowserAsync(
            session, new AgbBrowserRequest { Viewport = new(800, 500), Screen = new(screen.Width, screen.Height), Stealth = true }, Token);

        using (var page = await CdpPage.OpenAsync(browser.Endpoint))
        using (var other = await CdpPage.OpenAsync(browser.Endpoint, isNew: true))
        {
            (await page.EvaluateAsync("[innerWidth, innerHeight, navigator.webdriver]")).ShouldBe("800,500,false");
            (await other.EvaluateAsync("[innerWidth, innerHeight]")).ShouldBe("800,500");
            await other.EvaluateAsync("document.title = 'seen'");
        }
        await Eventually.HoldsAsync(
            "the desktop shows the page", async () => (await service.ListWindowsAsync(session, Token)).Any(w => w.Title.StartsWith("seen", StringComparison.Ordinal)));
        await service.StopBrowserAsync(session, Token);
        (await service.ListWindowsAsync(session, Token)).ShouldBeEmpty();

        var app = (await service.ListAppsAsync(session, Token)).Single(a => a.Name == "Google Chrome");
        await service.StartAppAsync(session, app.StartCommand, cancellationToken: Token);
        await service.StartBrowserAsync(session, new AgbBrowserRequest(), Token);
        (await ShellAsync(service, session, "pgrep -c -P 1 chromium")).ShouldBe("1", "the app was closed: two browsers would spoil the profile");
        await service.StopBrowserAsync(session, Token);

        // One that the engine can't know by its command line.
        await service.StartAppAsync(
            session, app.StartCommand.Replace(AgbBrowserRequest.ProfileDirectory, "/tmp//agb_browser_data", StringComparison.Ordinal), cancellationToken: Token);
        (await FailsAsync(AgbErrorIds.BrowserStartFailed, () => service.StartBrowserAsync(session, new AgbBrowserRequest(), Token)))
            .Message.ShouldContain("another browser, uses the profile");
    }
}
