using Agb.Conformance;

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
    public async Task An_extension_that_the_mount_has_unpacked_is_loaded()
    {
        var service = Open();
        var context = await service.CreateContextAsync("extensions", cancellationToken: Token);
        await FillAsync(service, context, AgbBrowserRequest.ExtensionDirectory, Extension);
        // As the official clients mount it: one zip, unpacked beside its place and hidden.
        var policy = new AgbSyncPolicy
        {
            Extract = new AgbExtractPolicy { Extract = true, DeleteSrcFile = true },
            WhiteLists = [new AgbWhiteList { Path = "/marker.zip" }],
        };
        var session = await CreateAsync(service, context.At(AgbBrowserRequest.ExtensionDirectory, policy));
        (await ShellAsync(service, session, "mkdir /tmp/extensions/other && ls /tmp/extensions")).ShouldBe("marker\nother");
        await ServeAsync(service, session);

        var browser = await service.StartBrowserAsync(session, new AgbBrowserRequest(), Token);

        browser.Extensions.ShouldBe(["/tmp/extensions/marker"]);
        using var page = await CdpPage.OpenAsync(browser.Endpoint);
        await page.GoAsync("http://127.0.0.1:8000/");
        (await page.EvaluateAsync("document.documentElement.dataset.marked")).ShouldBe("yes", "the content script of the extension ran");
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
        // Two browsers would spoil the profile, and the other one is the user's own.
        (await FailsAsync(AgbErrorIds.BrowserStartFailed, () => service.StartBrowserAsync(session, new AgbBrowserRequest(), Token)))
            .Message.ShouldContain("another browser, uses the profile");
    }
}
