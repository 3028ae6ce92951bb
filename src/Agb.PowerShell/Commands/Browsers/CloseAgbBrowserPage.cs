namespace Agb.PowerShell.Commands;

/// <summary><c>Close-AgbBrowserPage</c>: closes pages.</summary>
[Cmdlet(VerbsCommon.Close, "AgbBrowserPage", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class CloseAgbBrowserPageCommand : AgbPageCmdlet
{
    /// <inheritdoc/>
    private protected override Func<IAgbService, CancellationToken, Task>? Plan(AgbSessionReference session)
    {
        var given = PageId;
        return !ShouldProcess($"page '{given ?? session.PageId ?? "in front"}' of session '{session}'", "Close page") ? null
            : (service, token) => CallAsync(service, $"close a page of session '{session}'", () => OnPagesAsync(
                service, session,
                async pages => await pages.CloseAsync(await FrontAsync(pages, session, given, token).ConfigureAwait(false), token).ConfigureAwait(false),
                token));
    }
}
