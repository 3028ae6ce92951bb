using Agb.Conformance;

namespace Agb.Engine.Tests.Browsers;

/// <summary>A context at the profile keeps log-ins, with the white list of the official clients.</summary>
public sealed class BrowserProfileTests : BrowserTest
{
    private const string Site = "http://127.0.0.1:8000";

    [Fact]
    public async Task A_cookie_outlives_its_session_and_comes_back_with_its_version()
    {
        var service = Open();
        var context = await service.CreateContextAsync("profile", cancellationToken: Token);

        (await VisitAsync(service, context, "Monday/1", logsIn: true)).ShouldBe("user=Monday");
        (await VisitAsync(service, context, "Tuesday/1", logsIn: false)).ShouldBe("user=Monday", "kept over sessions");
        var monday = (await service.ListContextVersionsAsync(context, Token).ToArrayAsync(Token)).Max(v => v.Version);
        (await VisitAsync(service, context, "Wednesday/1", logsIn: true)).ShouldBe("user=Wednesday");
        (await VisitAsync(service, context, "Thursday/1", logsIn: false)).ShouldBe("user=Wednesday");

        await service.RestoreContextAsync(context, monday, Token);

        (await VisitAsync(service, context, "Friday/1", logsIn: false)).ShouldBe("user=Monday", "the restored version's");
        (await AskAsync(service, context, AgbBrowserRequest.ProfileDirectory, "find . -type f | sort")).ShouldBe("./Default/Cookies\n./Default/Cookies-journal\n./Local State");
    }

    private static async Task<string> VisitAsync(EmbeddedService service, AgbContext context, string userAgent, bool logsIn)
    {
        var session = await CreateAsync(service, ProfileOf(context));
        await ServeAsync(service, session);
        var browser = await service.StartBrowserAsync(session, new AgbBrowserRequest { UserAgent = userAgent }, Token);
        string cookie;
        using (var page = await CdpPage.OpenAsync(browser.Endpoint))
        {
            await page.GoAsync(Site + (logsIn ? "/login" : "/"));
            cookie = await page.EvaluateAsync("document.cookie");
        }
        if (logsIn)
        {
            await SyncBesideItAsync(service, session);
        }
        await service.RemoveSessionAsync(session, cancellationToken: Token);
        return cookie;
    }

    private static async Task SyncBesideItAsync(EmbeddedService service, AgbSession session)
    {
        await service.StartSyncAsync(session, new AgbSyncRequest { Mode = AgbSyncTaskType.Upload }, Token);
        var status = (await service.WaitSyncAsync(session, TimeSpan.FromSeconds(60), cancellationToken: Token)).Single(s => s.TaskType == AgbSyncTaskType.Upload);
        status.Status.ShouldBe(AgbSyncTaskStatus.Success, status.ErrorMessage);
        status.Warnings.ShouldHaveSingleItem().ShouldContain("cookies of its last 30 s may be missing");
    }

    private static AgbContextSync ProfileOf(AgbContext context)
    {
        var sync = context.At(AgbBrowserRequest.ProfileDirectory);
        return sync with
        {
            Policy = sync.Policy with
            {
                WhiteLists = [.. new[] { "/Local State", "/Default/Cookies", "/Default/Cookies-journal" }.Select(p => new AgbWhiteList { Path = p })],
            },
        };
    }
}
