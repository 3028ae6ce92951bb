namespace Agb.Core.Tests;

public sealed class BrowserRulesTests
{
    public static TheoryData<string, AgbBrowserRequest> Wrong => new()
    {
        { "'type'", new() { Type = (AgbBrowserType)7 } },
        { "'viewport' is '0x600'", new() { Viewport = new(0, 600) } },
        { "'viewport' is '800x16385'", new() { Viewport = new(800, 16_385) } },
        { "'screen' is '-1x1'", new() { Screen = new(-1, 1) } },
        { "'viewport' is '801x600'; expected at most the size of the screen, 800x600", new() { Viewport = new(801, 600), Screen = new(800, 600) } },
        { "'user agent'", new() { UserAgent = " " } },
        { "'user agent'", new() { UserAgent = "a\nb" } },
        { "'user agent'", new() { UserAgent = new string('a', 4097) } },
        { "'languages' is 'de_DE'", new() { Languages = ["de_DE"] } },
        { "'languages' is 'de,fr'", new() { Languages = ["de,fr"] } },
        { "each language once", new() { Languages = ["de-DE", "de-de"] } },
        { "'time zone' is '../../etc'", new() { TimeZone = "../../etc" } },
        { "'time zone' is ''", new() { TimeZone = "" } },
        { "'proxy' is not the address of a proxy", new() { Proxy = new("host:80") } },
        { "'proxy' is not the address of a proxy", new() { Proxy = new("ftp://host:80") } },
        { "'proxy' is not the address of a proxy", new() { Proxy = new("http://host:80/secret") } },
        { "'proxy' is not the address of a proxy", new() { Proxy = new("host:80:me:secret") } },
        { "'proxy' is not the address of a proxy", new() { Proxy = new("http://host:80\nsecret") } },
        { "holds a user or a password", new() { Proxy = new("http://me:secret@host:80") } },
        { "holds a user or a password", new() { Proxy = new("http://me:secret@host:80/path") } },
        { "holds a user or a password", new() { Proxy = new("htp://me:secret@host:80") } },
        { "holds a user or a password", new() { Proxy = new("me:secret@host:80") } },
        { "'proxy bypass'", new() { Proxy = new("http://host:80") { Bypass = "a\0b" } } },
        { "'start URL' is 'example.com'", new() { StartUrl = "example.com" } },
        { "'start URL' is 'javascript:alert(1)'", new() { StartUrl = "javascript:alert(1)" } },
        { "'extensions'", new() { Extensions = ["relative"] } },
        { "without a comma", new() { Extensions = ["/tmp/a,b"] } },
        { "'arguments' is 'no-dashes'", new() { Arguments = ["no-dashes"] } },
        { "'arguments' is '-x'", new() { Arguments = ["-x"] } },
        { "'arguments' is '--'", new() { Arguments = ["--"] } },
        { "--no-sandbox", new() { Arguments = ["--no-sandbox"] } },
        { "'arguments' is '--No-Sandbox'", new() { Arguments = ["--No-Sandbox"] } },
        { "--no-sandbox", new() { Arguments = ["--no-sandbox=1"] } },
        { "--disable-setuid-sandbox", new() { Arguments = ["--disable-setuid-sandbox"] } },
        { "--remote-debugging-port", new() { Arguments = ["--remote-debugging-port=0"] } },
        { "--remote-allow-origins", new() { Arguments = ["--remote-allow-origins=*"] } },
        { "--user-data-dir", new() { Arguments = ["--user-data-dir=/home"] } },
        { "--renderer-cmd-prefix", new() { Arguments = ["--renderer-cmd-prefix=sh"] } },
        { "--load-extension", new() { Arguments = ["--load-extension=/tmp/x"] } },
        { "'viewport' set the same", new() { Viewport = new(800, 600), Arguments = ["--window-size=1,1"] } },
        { "'stealth' set the same", new() { Stealth = true, Arguments = ["--user-agent=me"] } },
        { "at most 64", new() { Arguments = [.. Enumerable.Repeat("--disable-web-security", 65)] } },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void A_wrong_option_is_named(string because, AgbBrowserRequest request)
    {
        var error = Should.Throw<AgbException>(() => BrowserRules.Browser(request));

        error.ErrorId.ShouldBe(AgbErrorIds.InvalidBrowserOption);
        error.Message.ShouldContain(because);
        error.Message.ShouldNotContain("secret");
        (error.Target?.ToString() ?? "").ShouldNotContain("secret");
    }

    [Fact]
    public void Right_options_stay_and_paths_become_normal()
    {
        var request = new AgbBrowserRequest
        {
            Type = AgbBrowserType.Chrome,
            Screen = new(800, 600),
            UserAgent = "Mozilla/5.0 (X; Y)",
            Languages = ["de-DE", "zh-Hans-CN", "fr"],
            TimeZone = "America/Argentina/Buenos_Aires",
            Stealth = true,
            Proxy = new("socks5://10.0.0.1:1080") { Bypass = "*.example.com;<-loopback>" },
            Extensions = ["/tmp//y/"],
            StartUrl = "https://example.com/?q=1",
            Arguments = ["--disable-web-security", "--window-size=1,1"],
        };

        var normal = BrowserRules.Browser(request);

        normal.Extensions.ShouldBe(["/tmp/y"]);
        (normal with { Extensions = request.Extensions }).ShouldBe(request);
    }
}
