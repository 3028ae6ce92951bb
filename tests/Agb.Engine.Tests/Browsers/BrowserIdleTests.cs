using Agb.Conformance;

namespace Agb.Engine.Tests.Browsers;

/// <summary>Idle sessions with a browser: clients are use, and the end closes the browser properly.</summary>
public sealed class BrowserIdleTests : BrowserTest
{
    private static readonly TimeSpan s_idle = TimeSpan.FromMinutes(10);

    [Fact]
    public async Task A_client_keeps_a_session_and_its_idle_end_keeps_the_cookies()
    {
        var time = new TestClock();
        var service = Open(time);
        var context = await service.CreateContextAsync("profile", cancellationToken: Token);
        var session = await service.CreateSessionAsync(
            new AgbSessionRequest { ImageId = "agb-browser-use-1", IdleTimeout = s_idle, ContextSyncs = [context.At(AgbBrowserRequest.ProfileDirectory)] }, Token);
        await ServeAsync(service, session);
        var browser = await service.StartBrowserAsync(session, new AgbBrowserRequest { UserAgent = "Idle/1" }, Token);
        using (var page = await CdpPage.OpenAsync(browser.Endpoint))
        {
            await page.GoAsync("http://127.0.0.1:8000/login");
            time.Advance(s_idle * 2);
            await service.RecoverAsync();
            (await service.GetSessionAsync(session, Token)).Status.ShouldBe(AgbSessionStatus.Running, "a client is connected");
        }
        await Eventually.HoldsAsync("the session is released", async () =>
        {
            time.Advance(s_idle * 2);
            await service.RecoverAsync();
            return await service.ListSessionsAsync(cancellationToken: Token).CountAsync(Token) == 0;
        });

        var next = await CreateAsync(service, context.At(AgbBrowserRequest.ProfileDirectory));
        await ServeAsync(service, next);
        browser = await service.StartBrowserAsync(next, new AgbBrowserRequest(), Token);
        using var again = await CdpPage.OpenAsync(browser.Endpoint);
        await again.GoAsync("http://127.0.0.1:8000/");
        (await again.EvaluateAsync("document.cookie")).ShouldBe("user=Idle");
    }
}
