using Agb.Browser;

namespace Agb.PowerShell;

/// <summary>The base of cmdlets for pages of browsers.</summary>
public abstract class AgbPageCmdlet : AgbStepCmdlet
{
    /// <summary>The page; the page in front unless given.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, HelpMessage = "The page: object or id. The page in front unless given.")]
    [Alias("Page")]
    [PageId]
    public string? PageId { get; set; }

    /// <summary>Works on the pages of a session's browser.</summary>
    private protected static async Task OnPagesAsync(
        IAgbService service, AgbSessionReference session, Func<BrowserPages, Task> work, CancellationToken token)
    {
        var browser = await Browsers(service).GetBrowserAsync(session.Id, token).ConfigureAwait(false);
        await using var pages = await BrowserPages.ConnectAsync(browser, token).ConfigureAwait(false);
        await work(pages).ConfigureAwait(false);
    }

    /// <summary>The id of the page: as given, else of the page in front.</summary>
    private protected static async Task<string> FrontAsync(
        BrowserPages pages, AgbSessionReference session, string? given, CancellationToken token)
    {
        if ((given ?? session.PageId) is { } pageId)
        {
            return pageId;
        }
        var all = await pages.ListAsync(token).ConfigureAwait(false);
        return all.Count > 0
            ? all[0].PageId
            : throw NoPage($"The browser of the session '{session}' has no page.", "Open one with Open-AgbBrowserPage.", session.SessionId);
    }

    /// <summary>The error of a missing page.</summary>
    private protected static AgbException NoPage(string message, string remedy, string target) =>
        new(AgbErrorIds.PageNotFound, AgbErrorKind.NotFound, message, remedy, target);
}
