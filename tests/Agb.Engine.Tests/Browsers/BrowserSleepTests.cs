using Agb.Conformance;

namespace Agb.Engine.Tests.Browsers;

/// <summary>Suspended sessions with a browser.</summary>
public sealed class BrowserSleepTests : BrowserTest
{
    [Fact]
    public async Task A_connected_client_waits_and_a_new_one_wakes_the_session()
    {
        var service = Open();
        var context = await service.CreateContextAsync("profile", cancellationToken: Token);
        var session = await CreateAsync(service, context.At(AgbBrowserRequest.ProfileDirectory));
        await ServeAsync(service, session);
        var browser = await service.StartBrowserAsync(session, new AgbBrowserRequest { UserAgent = "Sleep/1" }, Token);
        using (var page = await CdpPage.OpenAsync(browser.Endpoint))
        {
            await page.GoAsync("http://127.0.0.1:8000/login");
            (await service.SuspendSessionAsync(session, Token)).Status.ShouldBe(AgbSessionStatus.Suspended);
            (await service.GetBrowserAsync(session, Token)).Version.ShouldBe(browser.Version);
            (await service.GetSessionAsync(session, Token)).Status.ShouldBe(AgbSessionStatus.Suspended);

            var answer = page.EvaluateAsync("6 * 7 + ''");
            (await Task.WhenAny(answer, Task.Delay(300, Token))).ShouldNotBe(answer, "the browser sleeps");
            await service.ResumeSessionAsync(session, Token);
            (await answer).ShouldBe("42");
        }

        await service.SuspendSessionAsync(session, Token);
        using (var page = await CdpPage.OpenAsync(browser.Endpoint))
        {
            (await service.GetSessionAsync(session, Token)).Status.ShouldBe(AgbSessionStatus.Running);
            (await page.EvaluateAsync("document.cookie")).ShouldBe("user=Sleep");
        }

        // The browser closes properly in a release.
        await service.SuspendSessionAsync(session, Token);
        await service.RemoveSessionAsync(session, cancellationToken: Token);
        var next = await CreateAsync(service, context.At(AgbBrowserRequest.ProfileDirectory));
        await ServeAsync(service, next);
        browser = await service.StartBrowserAsync(next, new AgbBrowserRequest(), Token);
        using var again = await CdpPage.OpenAsync(browser.Endpoint);
        await again.GoAsync("http://127.0.0.1:8000/");
        (await again.EvaluateAsync("document.cookie")).ShouldBe("user=Sleep");
    }
}
