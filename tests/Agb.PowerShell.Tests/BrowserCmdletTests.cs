using System.Management.Automation;

namespace Agb.PowerShell.Tests;

/// <summary>Cmdlets of browsers on a service in memory, and of pages with the host's Chromium.</summary>
public sealed class BrowserCmdletTests : CmdletTest, IClassFixture<HostChromium>
{
    private readonly HostChromium _chromium;

    public BrowserCmdletTests(ModuleRunspace module, HostChromium chromium)
        : base(module)
    {
        _chromium = chromium;
        Service.HasDesktop = false;
        Set("s", One<AgbSession>("New-AgbSession -ImageId agb-browser-use-1 -Connection $connection"));
    }

    [Fact]
    public void Options_reach_the_service()
    {
        var browser = One<AgbBrowser>("""
            $s | Start-AgbBrowser https://example.com/ -Viewport 1280x720 -Screen 1920x1080 -UserAgent Mine -Language de-DE, en -TimeZone Europe/Berlin `
                -Proxy http://proxy:3128 -ProxyBypass localhost, *.test -Extension /tmp/e -Stealth -Type Chrome -ArgumentList --mute-audio
            """);

        var request = Service.BrowserOf(browser.SessionId).ShouldNotBeNull();
        request.ShouldBe(request with
        {
            Type = AgbBrowserType.Chrome,
            Viewport = new AgbPixelSize(1280, 720),
            Screen = new AgbPixelSize(1920, 1080),
            UserAgent = "Mine",
            TimeZone = "Europe/Berlin",
            Stealth = true,
            Proxy = new AgbBrowserProxy("http://proxy:3128") { Bypass = "localhost;*.test" },
            StartUrl = "https://example.com/",
        });
        request.Languages.ShouldBe(["de-DE", "en"]);
        request.Extensions.ShouldBe(["/tmp/e"]);
        request.Arguments.ShouldBe(["--mute-audio"]);
    }

    [Fact]
    public void A_browser_is_started_got_and_stopped()
    {
        Run("$s | Start-AgbBrowser | Get-AgbBrowser | Stop-AgbBrowser");

        Calls.TakeLast(2).ShouldBe([$"StartBrowser {Texts("$s.SessionId")[0]}", $"StopBrowser {Texts("$s.SessionId")[0]}"]);
        ErrorIdOf("$s | Get-AgbBrowser").ShouldBe(AgbErrorIds.BrowserNotRunning);
        ErrorIdOf("$s | Get-AgbBrowserPage").ShouldBe(AgbErrorIds.BrowserNotRunning);
    }

    [Theory]
    [InlineData("$s | Start-AgbBrowser -Viewport 5", "CannotConvertArgumentNoMessage")]
    [InlineData("$s | Start-AgbBrowser -Viewport '0x5'", AgbErrorIds.InvalidBrowserOption)]
    [InlineData("$s | Start-AgbBrowser -ProxyBypass x", AgbErrorIds.InvalidBrowserOption)]
    [InlineData("$s | Start-AgbBrowser -ArgumentList --no-sandbox", AgbErrorIds.InvalidBrowserOption)]
    [InlineData("$s | Start-AgbBrowser -Proxy nonsense", AgbErrorIds.InvalidBrowserOption)]
    public void A_wrong_option_is_an_error(string script, string id)
    {
        Service.Calls.Clear();

        ErrorIdOf(script).ShouldBe(id);
        Calls.ShouldBeEmpty();
    }

    [Fact]
    public void WhatIf_starts_and_stops_nothing()
    {
        Service.Calls.Clear();

        Run("$s | Start-AgbBrowser -WhatIf; $s | Stop-AgbBrowser -WhatIf");

        Calls.ShouldNotContain(c => c.Contains("Browser", StringComparison.Ordinal));
    }

    [Fact]
    public void A_service_without_browsers_is_said()
    {
        Set("plain", new AgbConnection(TestService.CountingService.Around(Service)));

        ErrorIdOf("Start-AgbBrowser -Session $s.SessionId -Connection $plain").ShouldBe(AgbErrorIds.NotSupported);
        ErrorIdOf("Get-AgbWindow $s.SessionId -Connection $plain").ShouldBe(AgbErrorIds.NotSupported);
    }

    [Fact]
    public void A_stopped_browser_is_said()
    {
        Run("$null = $s | Start-AgbBrowser");

        ErrorIdOf("$s | Get-AgbBrowserPage").ShouldBe(AgbErrorIds.BrowserNotRunning);
    }

    [Fact]
    public void Pages_pipe()
    {
        UseChromium();

        Run("$page = $b | Open-AgbBrowserPage 'data:text/html,<title>One</title>'; Set-Variable page $page -Scope Global");
        Texts("$page | Open-AgbBrowserPage 'data:text/html,<title>Two</title>' | ForEach-Object { $_.Title; $_.PageId -eq $page.PageId }").ShouldBe(["Two", "True"]);
        Texts("$b | Get-AgbBrowserPage -Title T* | ForEach-Object PageId").ShouldBe(Texts("$page.PageId"));
        Texts("Get-AgbBrowserPage $s -Url data:* | ForEach-Object Title").ShouldBe(["Two"]);
        Texts("$s | Invoke-AgbBrowserScript document.title").ShouldBe(["Two"]);
        Texts("Invoke-AgbBrowserScript document.title -Page $page -Session $s").ShouldBe(["Two"]);
        Texts("$page | Save-AgbScreenshot page.png | ForEach-Object Name; $b | Save-AgbScreenshot b.jpg -Quality 50 | ForEach-Object Name").ShouldBe(["page.png", "b.jpg"]);
        Run("$page | Close-AgbBrowserPage");
        ErrorIdOf("$page | Invoke-AgbBrowserScript 1").ShouldBe(AgbErrorIds.PageNotFound);
        ErrorIdOf("$page | Get-AgbBrowserPage").ShouldBe(AgbErrorIds.PageNotFound);
        ErrorIdOf("$b | Get-AgbBrowserPage -PageId nosuch").ShouldBe(AgbErrorIds.PageNotFound);
        Run("$b | Get-AgbBrowserPage -Title nosuch").ShouldBeEmpty();
    }

    [Fact]
    public void Results_are_objects()
    {
        UseChromium();

        var made = Run("$b | Invoke-AgbBrowserScript '({ n: 1, big: 5e9, half: 0.5, text: `x`, no: null, list: [1, { deep: true }] })'").ShouldHaveSingleItem();
        made.BaseObject.ShouldBeOfType<PSCustomObject>();
        new[] { "n", "big", "half" }.Select(n => made.Properties[n].Value).ShouldBe([1, 5_000_000_000L, 0.5]);
        made.Properties["no"].Value.ShouldBeNull();
        Set("made", made);
        Texts("$made.text; $made.list.Count; $made.list[1].deep").ShouldBe(["x", "2", "True"]);
        Texts("$b | Invoke-AgbBrowserScript '[1, 2, 3]' | ForEach-Object { $_ * 2 }").ShouldBe(["2", "4", "6"]);
        Run("$b | Invoke-AgbBrowserScript undefined").ShouldBeEmpty();
        Texts("($b | Invoke-AgbBrowserScript '({ a: 1, A: 2 })')['A']").ShouldBe(["2"]);
        Texts("$b | Invoke-AgbBrowserScript '(o, n, list) => o.key + n + list.length' -ArgumentList @{ key = 'ä' }, 5, @(1, 2)").ShouldBe(["ä52"]);
        ErrorIdOf("$b | Invoke-AgbBrowserScript 'throw 1'").ShouldBe(AgbErrorIds.ScriptFailed);
        ErrorIdOf("$b | Open-AgbBrowserPage http://nope.invalid/").ShouldBe(AgbErrorIds.PageLoadFailed);
    }

    private void UseChromium()
    {
        Service.BrowserEndpoint = _chromium.Browser.Endpoint;
        Set("b", One<AgbBrowser>("$s | Start-AgbBrowser"));
    }
}
