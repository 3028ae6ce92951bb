using Agb.Browser;

namespace Agb.Server;

/// <summary>A tool for the browser of a session.</summary>
internal abstract class BrowserTool : SessionTool
{
    /// <summary>The limit of a page's load and other work with it, in milliseconds.</summary>
    internal const int StandardMilliseconds = 60_000;

    private protected const int MostMilliseconds = 600_000;

    /// <inheritdoc/>
    internal sealed override bool IsFor(AgbImage? image) => image is { HasBrowser: true };

    /// <summary>Works with the pages of the running browser.</summary>
    /// <exception cref="AgbException">BrowserNotRunning and others, from the service.</exception>
    internal static async Task<T> WithPagesAsync<T>(
        ToolCall call, int milliseconds, Func<BrowserPages, CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        var browser = await BrowserLinks.BrowsersOf(call.Service).GetBrowserAsync(new SessionId(call.SessionId), cancellationToken).ConfigureAwait(false);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(milliseconds);
        try
        {
            var pages = await BrowserPages.ConnectAsync(browser, limit.Token).ConfigureAwait(false);
            await using (pages.ConfigureAwait(false))
            {
                return await work(pages, limit.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ToolFailedException($"The browser did not do it within {milliseconds / 1000.0:0.###} s.");
        }
    }

    /// <summary>The page in front, or null for none.</summary>
    private protected static async Task<string?> FrontPageAsync(BrowserPages pages, CancellationToken cancellationToken) =>
        (await pages.ListAsync(cancellationToken).ConfigureAwait(false)).FirstOrDefault()?.PageId;

    /// <summary>The page in front.</summary>
    internal static async Task<string> RequireFrontPageAsync(BrowserPages pages, CancellationToken cancellationToken) =>
        await FrontPageAsync(pages, cancellationToken).ConfigureAwait(false) ?? throw new ToolFailedException("The browser has no page.");
}
