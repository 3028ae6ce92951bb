namespace Agb.Protocol.Tests;

public sealed class BrowserOptionTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("""{"useStealth":false,"fingerprint":{}}""")]
    [InlineData("""{"useStealth":false,"solveCaptchas":false,"extensionPath":"/tmp/extensions/","proxies":[],"userAgent":null,"behaviorSimulate":false}""")]
    [InlineData("""{"fingerprint":{"devices":["mobile","desktop"],"operatingSystems":["linux"]}}""")]
    public void What_clients_send_by_themselves_asks_for_nothing(string? json) =>
        BrowserOptionJson.Write(BrowserOptionJson.Read(json)).ShouldBe(BrowserOptionJson.Write(new AgbBrowserRequest()));

    [Fact]
    public void Every_option_is_read()
    {
        var request = BrowserOptionJson.Read(
            """
            {"useStealth":true,"userAgent":"me","viewport":{"width":800,"height":600},"screen":{"width":1024,"height":768},"browserType":"chrome",
             "defaultNavigateUrl":"https://example.com","cmdArgs":["--a"],"proxies":[{"type":"custom","server":"127.0.0.1:9090"}],
             "fingerprint":{"locales":["de-DE","fr"]},"timeZone":"Asia/Tokyo","extensions":["/tmp/e"]}
            """);

        request.ShouldSatisfyAllConditions(
            r => r.Stealth.ShouldBeTrue(), r => r.UserAgent.ShouldBe("me"), r => r.Viewport.ShouldBe(new AgbPixelSize(800, 600)),
            r => r.Screen.ShouldBe(new AgbPixelSize(1024, 768)), r => r.Type.ShouldBe(AgbBrowserType.Chrome), r => r.StartUrl.ShouldBe("https://example.com"),
            r => r.Arguments.ShouldBe(["--a"]), r => r.Proxy.ShouldBe(new AgbBrowserProxy("http://127.0.0.1:9090")), r => r.Languages.ShouldBe(["de-DE", "fr"]),
            r => r.TimeZone.ShouldBe("Asia/Tokyo"), r => r.Extensions.ShouldBe(["/tmp/e"]));
        BrowserOptionJson.Write(BrowserOptionJson.Read(BrowserOptionJson.Write(request))).ShouldBe(BrowserOptionJson.Write(request), "writing and reading agree");
        var proxy = new AgbBrowserProxy("socks5://h:1") { Bypass = "*.x" };
        BrowserOptionJson.Read(BrowserOptionJson.Write(new AgbBrowserRequest { Proxy = proxy })).Proxy.ShouldBe(proxy);
    }

    [Theory]
    [InlineData("""{"solveCaptchas":true}""", "'solveCaptchas' can't be met")]
    [InlineData("""{"behaviorSimulate":true}""", "'behaviorSimulate' can't be met")]
    [InlineData("""{"fingerprintRawData":"e30="}""", "'fingerprintRawData' can't be met")]
    [InlineData("""{"fingerprintPersistPath":"/tmp/x"}""", "'fingerprintPersistPath' can't be met")]
    [InlineData("""{"fingerprint":{"devices":["mobile"]}}""", "'fingerprint.devices' is")]
    [InlineData("""{"fingerprint":{"operatingSystems":["windows","macos"]}}""", "'fingerprint.operatingSystems' is")]
    [InlineData("""{"fingerprint":{"fonts":[]}}""", "no browser option 'fingerprint.fonts'")]
    [InlineData("""{"fingerprint":true}""", "'fingerprint' is true")]
    [InlineData("""{"proxies":[{"type":"wuying","strategy":"polling"}]}""", "'proxies.type' is \"wuying\"")]
    [InlineData("""{"proxies":[{"type":"managed","userId":"u"}]}""", "'proxies.type' is \"managed\"")]
    [InlineData("""{"proxies":[{"type":"custom","server":"h:1","username":"u"}]}""", "'proxies.username' can't be met")]
    [InlineData("""{"proxies":[{"type":"custom"}]}""", "a proxy with a server")]
    [InlineData("""{"proxies":[{},{}]}""", "at most one proxy")]
    [InlineData("""{"proxies":[{"server":"http://me:secret@h:1"},{}]}""", "at most one proxy")]
    [InlineData("""{"proxies":"http://me:secret@h:1"}""", "at most one proxy")]
    [InlineData("""{"proxies":["http://me:secret@h:1"]}""", "an object")]
    [InlineData("""{"proxies":[{"type":"custom","password":"secret"}]}""", "'proxies.password' can't be met")]
    [InlineData("""{"proxies":[{"type":"custom","server":["http://me:secret@h:1"]}]}""", "a string")]
    [InlineData("""{"extensionPath":"/opt/x"}""", "'extensionPath' is \"/opt/x\"")]
    [InlineData("""{"browserType":"firefox"}""", "'browserType' is \"firefox\"")]
    [InlineData("""{"viewport":{"width":800}}""", "'viewport' is")]
    [InlineData("""{"viewport":{"width":800.5,"height":600}}""", "'viewport' is")]
    [InlineData("""{"useStealth":"yes"}""", "'useStealth' is \"yes\"")]
    [InlineData("""{"cmdArgs":"--x"}""", "'cmdArgs' is \"--x\"")]
    [InlineData("""{"captchaTimeout":1}""", "no browser option 'captchaTimeout'")]
    public void What_can_not_be_met_is_named(string json, string because)
    {
        var error = Should.Throw<AgbException>(() => BrowserOptionJson.Read(json));

        error.ErrorId.ShouldBe(AgbErrorIds.InvalidBrowserOption);
        error.Message.ShouldContain(because);
        error.Message.ShouldNotContain("secret");
    }
}
