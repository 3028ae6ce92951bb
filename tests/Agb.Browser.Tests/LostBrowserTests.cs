namespace Agb.Browser.Tests;

/// <summary>A browser that ends under its client.</summary>
public sealed class LostBrowserTests(HostChromium chromium) : IClassFixture<HostChromium>
{
    [Fact]
    public async Task A_killed_browser_is_said()
    {
        var token = TestContext.Current.CancellationToken;
        await using var pages = await BrowserPages.ConnectAsync(chromium.Browser, token);
        var page = (await pages.ListAsync(token))[0];
        var waiting = pages.EvaluateAsync(page.PageId, "new Promise(() => 0)", null, token);

        await chromium.KillAsync();

        (await Should.ThrowAsync<AgbException>(waiting)).ErrorId.ShouldBe(AgbErrorIds.BrowserNotRunning);
        (await Should.ThrowAsync<AgbException>(pages.ListAsync(token))).ErrorId.ShouldBe(AgbErrorIds.BrowserNotRunning);
        (await Should.ThrowAsync<AgbException>(BrowserPages.ConnectAsync(chromium.Browser, token))).ErrorId.ShouldBe(AgbErrorIds.BrowserNotRunning);
    }
}
