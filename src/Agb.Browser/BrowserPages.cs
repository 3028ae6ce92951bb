namespace Agb.Browser;

/// <summary>A connection to a running browser, for its pages. Disposal disconnects and leaves the browser running.</summary>
public sealed class BrowserPages : IAsyncDisposable
{
    // A page with an open dialog does not answer.
    private static readonly TimeSpan s_answerLimit = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_closeLimit = TimeSpan.FromSeconds(5);

    private readonly AgbBrowser _browser;
    private readonly IBrowser _connection;
    private readonly ICDPSession _root;
    private readonly BrowserErrors _errors;

    private BrowserPages(AgbBrowser browser, IBrowser connection, ICDPSession root, BrowserErrors errors)
    {
        _browser = browser;
        _connection = connection;
        _root = root;
        _errors = errors;
    }

    /// <summary>Connects to a browser.</summary>
    /// <exception cref="AgbException">BrowserNotRunning.</exception>
    public static async Task<BrowserPages> ConnectAsync(AgbBrowser browser, CancellationToken cancellationToken = default)
    {
        var socket = new BoundedSocket();
        var connecting = Puppeteer.ConnectAsync(new ConnectOptions
        {
            BrowserWSEndpoint = browser.Endpoint,
            DefaultViewport = null,
            NetworkEnabled = false,
            IssuesEnabled = false,
            // Callers have time limits, and a script may take long.
            ProtocolTimeout = int.MaxValue,
            WebSocketFactory = async (address, _, _) =>
            {
                await socket.ConnectAsync(address, cancellationToken).ConfigureAwait(false);
                return socket;
            },
        });
        try
        {
            var connection = await connecting.WaitAsync(cancellationToken).ConfigureAwait(false);
            var errors = new BrowserErrors(browser.SessionId, connection);
            var root = await errors.TranslateAsync(null, connection.CreateCDPSessionAsync, cancellationToken).ConfigureAwait(false);
            return new BrowserPages(browser, connection, root, errors);
        }
        catch (Exception e)
        {
            // Ends what still goes on of the connecting, too.
            await socket.EndAsync().ConfigureAwait(false);
            if (e is OperationCanceledException or AgbException)
            {
                throw;
            }
            throw BrowserErrors.NotRunning(browser.SessionId, e);
        }
    }

    /// <summary>Lists the pages, the page in front first.</summary>
    /// <exception cref="AgbException">BrowserNotRunning.</exception>
    public async Task<IReadOnlyList<AgbBrowserPage>> ListAsync(CancellationToken cancellationToken = default)
    {
        var pages = await _errors.TranslateAsync(null, FindAllAsync, cancellationToken).ConfigureAwait(false);
        var active = await Task.WhenAll(pages.Select(p => IsActiveAsync(p.PageId, cancellationToken))).ConfigureAwait(false);
        return [.. pages.Select((p, i) => p with { IsActive = active[i] }).OrderByDescending(p => p.IsActive).ThenBy(p => p.PageId, StringComparer.Ordinal)];
    }

    /// <summary>Loads an address, and returns when the page has its load event.</summary>
    /// <param name="url">The address.</param>
    /// <param name="pageId">The page for it; null for a new page. A new page is closed again if the address does not load.</param>
    /// <param name="timeLimit">The limit of the load.</param>
    /// <param name="cancellationToken">Cancels the load.</param>
    /// <exception cref="AgbException">PageLoadFailed with the browser's reason; PageNotFound, WaitTimeout, BrowserNotRunning.</exception>
    public async Task<AgbBrowserPage> OpenAsync(string url, string? pageId, TimeSpan timeLimit, CancellationToken cancellationToken = default)
    {
        var page = pageId is null
            ? await _errors.TranslateAsync(null, () => _connection.NewPageAsync(), cancellationToken).ConfigureAwait(false)
            : await _errors.TranslateAsync(pageId, () => FindAsync(pageId, t => t.PageAsync()), cancellationToken).ConfigureAwait(false);
        page.Dialog += static async (_, e) => await DismissAsync(e.Dialog.Dismiss).ConfigureAwait(false);
        try
        {
            var options = new NavigationOptions { Timeout = (int)timeLimit.TotalMilliseconds, WaitUntil = [WaitUntilNavigation.Load] };
            await page.GoToAsync(url, options).WaitAsync(cancellationToken).ConfigureAwait(false);
            var title = await page.GetTitleAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
            return Page(page.MainFrame.Id, title, page.Url) with { IsActive = pageId is null };
        }
        catch (Exception e)
        {
            if (pageId is null && _connection.IsConnected)
            {
                await TryCloseAsync(page).ConfigureAwait(false);
            }
            if (e is OperationCanceledException)
            {
                throw;
            }
            throw _errors.NotLoaded(url, pageId, timeLimit, e);
        }
    }

    /// <summary>Closes a page.</summary>
    /// <exception cref="AgbException">PageNotFound, BrowserNotRunning.</exception>
    public Task CloseAsync(string pageId, CancellationToken cancellationToken = default) => _errors.TranslateAsync(
        pageId, () => _root.SendAsync("Target.closeTarget", new { targetId = pageId }), cancellationToken);

    /// <summary>Runs a script in a page, as in its console. A promise is awaited.</summary>
    /// <param name="pageId">The page.</param>
    /// <param name="script">An expression or statements; with arguments a function.</param>
    /// <param name="arguments">Arguments as JSON; null to run the script by itself.</param>
    /// <param name="cancellationToken">Stops waiting; the script goes on.</param>
    /// <returns>The result as JSON; null for undefined.</returns>
    /// <exception cref="AgbException">ScriptFailed when it throws, or its result is no JSON value; PageNotFound,
    /// BrowserNotRunning.</exception>
    public Task<JsonElement?> EvaluateAsync(
        string pageId, string script, IReadOnlyList<string>? arguments = null, CancellationToken cancellationToken = default) =>
        OnPageAsync(pageId, p => PageScript.RunAsync(p, script, arguments), cancellationToken);

    /// <summary>Takes a picture of a page.</summary>
    /// <exception cref="AgbException">InvalidBrowserOption, PageNotFound, BrowserNotRunning.</exception>
    public Task<AgbScreenshot> TakeScreenshotAsync(string pageId, PagePicture picture, CancellationToken cancellationToken = default) =>
        OnPageAsync(pageId, p => PageCamera.TakeAsync(p, picture), cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _connection.Disconnect();
        return ValueTask.CompletedTask;
    }

    private async Task<AgbBrowserPage[]> FindAllAsync()
    {
        var answer = await _root.SendAsync("Target.getTargets").ConfigureAwait(false);
        return
        [
            .. answer!.Value.GetProperty("targetInfos").EnumerateArray()
                .Where(t => t.GetProperty("type").GetString() == "page")
                .Select(t => Page(t.GetProperty("targetId").GetString()!, t.GetProperty("title").GetString()!, t.GetProperty("url").GetString()!)),
        ];
    }

    private AgbBrowserPage Page(string id, string title, string url) =>
        new() { Service = _browser.Service, SessionId = _browser.SessionId, PageId = id, Title = title, Url = url };

    private Task<T> OnPageAsync<T>(string pageId, Func<ICDPSession, Task<T>> work, CancellationToken cancellationToken) =>
        _errors.TranslateAsync(
            pageId,
            async () =>
            {
                var session = await FindAsync(pageId, t => t.CreateCDPSessionAsync()).ConfigureAwait(false);
                session.MessageReceived += static async (sender, e) =>
                {
                    if (e.MessageID == "Page.javascriptDialogOpening")
                    {
                        await DismissAsync(() => ((ICDPSession)sender!).SendAsync("Page.handleJavaScriptDialog", new { accept = false })).ConfigureAwait(false);
                    }
                };
                await session.SendAsync("Page.enable").ConfigureAwait(false);
                var result = await work(session).ConfigureAwait(false);
                await session.DetachAsync().ConfigureAwait(false);
                return result;
            },
            cancellationToken);

    private static async Task TryCloseAsync(IPage page)
    {
        try
        {
            await page.CloseAsync().WaitAsync(s_closeLimit).ConfigureAwait(false);
        }
        catch (Exception e) when (e is TimeoutException or PuppeteerException)
        {
            // The error of the load counts.
        }
    }

    // A page waits for its dialog, and here is no person to answer.
    private static async Task DismissAsync(Func<Task> dismiss)
    {
        try
        {
            await dismiss().ConfigureAwait(false);
        }
        catch (PuppeteerException)
        {
            // Another client was faster, or the page is gone.
        }
    }

    private Task<T> FindAsync<T>(string pageId, Func<CdpTarget, Task<T>> use) =>
        _connection.Targets().OfType<CdpTarget>().FirstOrDefault(t => t.TargetId == pageId && t.Type == TargetType.Page) is { } target
            ? use(target)
            : throw _errors.PageNotFound(pageId);

    private async Task<bool> IsActiveAsync(string pageId, CancellationToken cancellationToken)
    {
        try
        {
            return await OnPageAsync(pageId, IsVisibleAsync, cancellationToken).WaitAsync(s_answerLimit, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is TimeoutException or AgbException { ErrorId: AgbErrorIds.PageNotFound or AgbErrorIds.UnexpectedError })
        {
            // The page closes, or has a dialog.
            return false;
        }
    }

    // A page can give its state any value.
    private static async Task<bool> IsVisibleAsync(ICDPSession page)
    {
        var answer = await page.SendAsync("Runtime.evaluate", new { expression = "document.visibilityState" }).ConfigureAwait(false);
        return answer!.Value.GetProperty("result").TryGetProperty("value", out var state) && state.ValueKind == JsonValueKind.String && state.ValueEquals("visible");
    }
}
