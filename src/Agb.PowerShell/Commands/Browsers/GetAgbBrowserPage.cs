namespace Agb.PowerShell.Commands;

/// <summary><c>Get-AgbBrowserPage</c>: lists the pages of a browser, the page in front first.</summary>
[Cmdlet(VerbsCommon.Get, "AgbBrowserPage")]
[OutputType(typeof(AgbBrowserPage))]
public sealed class GetAgbBrowserPageCommand : AgbPageCmdlet
{
    /// <summary>Addresses of pages, with wildcards.</summary>
    [Parameter(HelpMessage = "Only pages with such an address; wildcards are allowed.")]
    [SupportsWildcards]
    public string[]? Url { get; set; }

    /// <summary>Titles of pages, with wildcards.</summary>
    [Parameter(HelpMessage = "Only pages with such a title; wildcards are allowed.")]
    [SupportsWildcards]
    public string[]? Title { get; set; }

    /// <inheritdoc/>
    private protected override Func<IAgbService, CancellationToken, Task>? Plan(AgbSessionReference session)
    {
        var pageId = PageId ?? session.PageId;
        return (service, token) => CallAsync(service, $"list the pages of session '{session}'", () => OnPagesAsync(
            service, session,
            async pages =>
            {
                var all = await pages.ListAsync(token).ConfigureAwait(false);
                if (pageId is not null && all.All(p => p.PageId != pageId))
                {
                    throw NoPage($"The browser of the session '{session}' has no page with the id '{pageId}'.", "List the browser's pages without -PageId.", pageId);
                }
                foreach (var page in all)
                {
                    if ((pageId is null || pageId == page.PageId) && NamePattern.Any(Url, page.Url) && NamePattern.Any(Title, page.Title))
                    {
                        Emit(page);
                    }
                }
            },
            token));
    }
}
