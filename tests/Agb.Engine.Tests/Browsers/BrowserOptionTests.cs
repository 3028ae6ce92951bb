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
}
