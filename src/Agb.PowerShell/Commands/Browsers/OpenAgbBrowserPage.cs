namespace Agb.PowerShell.Commands;

/// <summary><c>Open-AgbBrowserPage</c>: loads an address in a new page, or in the given page.</summary>
[Cmdlet(VerbsCommon.Open, "AgbBrowserPage", SupportsShouldProcess = true)]
[OutputType(typeof(AgbBrowserPage))]
public sealed class OpenAgbBrowserPageCommand : AgbPageCmdlet
{
    /// <summary>The address.</summary>
    [Parameter(Mandatory = true, Position = 0, HelpMessage = "The address, such as https://example.com/.")]
    [ValidateNotNullOrEmpty]
    public string Url { get; set; } = "";

    /// <summary>The time limit, in seconds.</summary>
    [Parameter(HelpMessage = "Time limit of the load, in seconds. Default: 30.")]
    [ValidateRange(0.001, 86_400)]
    public double TimeoutSeconds { get; set; } = 30;

    /// <inheritdoc/>
    private protected override Func<IAgbService, CancellationToken, Task>? Plan(AgbSessionReference session)
    {
        var pageId = PageId ?? session.PageId;
        return !ShouldProcess(pageId is null ? $"session '{session}'" : $"page '{pageId}'", $"Open '{Url}'") ? null
            : (service, token) => CallAsync(service, $"open '{Url}' in session '{session}'", () => OnPagesAsync(
                service, session,
                async pages => Emit(await pages.OpenAsync(Url, pageId, Arguments.Seconds(TimeoutSeconds, nameof(TimeoutSeconds)), token).ConfigureAwait(false)),
                token));
    }
}
