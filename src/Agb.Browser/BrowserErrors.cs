namespace Agb.Browser;

/// <summary>Errors of a connection to a browser, in the contract's words.</summary>
internal sealed class BrowserErrors(string sessionId, IBrowser connection)
{
    internal static AgbException NotRunning(string sessionId, Exception? inner = null) => new(
        AgbErrorIds.BrowserNotRunning, AgbErrorKind.InvalidState,
        $"The browser of the session '{sessionId}' does not answer: it was stopped, or it crashed.", "Start the browser again.",
        sessionId, inner);

    internal static AgbException Script(string message, object? target = null) =>
        new(AgbErrorIds.ScriptFailed, AgbErrorKind.Failed, message, target: target);

    internal AgbException PageNotFound(string pageId, Exception? inner = null) => new(
        AgbErrorIds.PageNotFound, AgbErrorKind.NotFound,
        $"The browser of the session '{sessionId}' has no page with the id '{pageId}', or it closed meanwhile.",
        "List the browser's pages.", pageId, inner);

    /// <summary>Waits for a call, with its errors in the contract's words.</summary>
    /// <param name="pageId">The page of the call; null for none.</param>
    /// <param name="call">The call.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    internal async Task<T> TranslateAsync<T>(string? pageId, Func<Task<T>> call, CancellationToken cancellationToken)
    {
        try
        {
            return await call().WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not AgbException and not OperationCanceledException)
        {
            throw Of(e, pageId);
        }
    }

    /// <summary>The error of a failed load.</summary>
    internal AgbException NotLoaded(string url, string? pageId, TimeSpan timeLimit, Exception e)
    {
        if (!connection.IsConnected || e is TargetClosedException or { InnerException: TargetClosedException })
        {
            return Of(e, pageId ?? "");
        }
        if (e is TimeoutException or { InnerException: TimeoutException })
        {
            var limit = timeLimit.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);
            return new AgbException(
                AgbErrorIds.WaitTimeout, AgbErrorKind.Timeout, $"The page '{url}' did not load within {limit} seconds.",
                "Allow more time.", url, e);
        }
        var said = (e.InnerException ?? e).Message;
        // A part names the address again, or the command of the protocol.
        var reason = said.StartsWith("Protocol error", StringComparison.Ordinal)
            ? said[(said.IndexOf(": ", StringComparison.Ordinal) + 2)..]
            : said.Split(" at ", 2)[0];
        return new AgbException(
            AgbErrorIds.PageLoadFailed, AgbErrorKind.Failed, $"The page '{url}' did not load: {reason}.",
            Uri.TryCreate(url, UriKind.Absolute, out _) ? null : "Give the whole address, beginning with https:// or http://.", url, e);
    }

    private AgbException Of(Exception e, string? pageId)
    {
        if (!connection.IsConnected)
        {
            return NotRunning(sessionId, e);
        }
        if (pageId is not null && (e is TargetClosedException || e.Message.Contains("No target with given id", StringComparison.Ordinal)))
        {
            return PageNotFound(pageId, e);
        }
        return new AgbException(AgbErrorIds.UnexpectedError, AgbErrorKind.Failed, $"The browser refused: {e.Message.TrimEnd('.')}.", target: sessionId, inner: e);
    }
}
