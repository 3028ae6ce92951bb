namespace Agb.Engine;

/// <content>Session operations other than commands and syncs.</content>
public sealed partial class EmbeddedService
{
    /// <inheritdoc/>
    public Task<AgbSession> SetSessionLabelsAsync(
        SessionId sessionId, IReadOnlyDictionary<string, string> labels, CancellationToken cancellationToken = default)
    {
        RequestRules.Labels(labels);
        return ChangeAsync(
            "changing a session's labels",
            () =>
            {
                _parts.Catalog.Write(tx =>
                {
                    _reader.Require(tx, sessionId);
                    SessionTable.SetLabels(tx, sessionId, labels);
                });
                return _reader.ToSession(_reader.Require(sessionId));
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<AgbSession>> ForkSessionAsync(SessionId sessionId, int count = 1, CancellationToken cancellationToken = default)
    {
        var valid = RequestRules.ForkCount(count);
        return ChangeAsync(
            "forking a session",
            async () =>
            {
                await _commands.RequireRunningAsync(sessionId, cancellationToken).ConfigureAwait(false);
                return await _forker.ForkAsync(sessionId, valid, cancellationToken).ConfigureAwait(false);
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task<AgbSession> KeepSessionAliveAsync(SessionId sessionId, CancellationToken cancellationToken = default) =>
        ChangeAsync("keeping a session alive", () => _commands.KeepAliveAsync(sessionId, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<AgbSession> SuspendSessionAsync(SessionId sessionId, CancellationToken cancellationToken = default) => ChangeAsync(
        "suspending a session",
        async () =>
        {
            await _commands.RequireRunningAsync(sessionId, cancellationToken).ConfigureAwait(false);
            return await _suspender.SuspendAsync(sessionId, cancellationToken).ConfigureAwait(false);
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task<AgbSession> ResumeSessionAsync(SessionId sessionId, CancellationToken cancellationToken = default) =>
        ChangeAsync("resuming a session", () => _commands.KeepAliveAsync(sessionId, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<Uri> GetSessionLinkAsync(
        SessionId sessionId, int port, string? scheme = null, CancellationToken cancellationToken = default) =>
        CallAsync("making a link into a session", () => _commands.LinkAsync(sessionId, port, scheme, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task RequireSessionPortAsync(SessionId sessionId, int port, CancellationToken cancellationToken = default) =>
        CallAsync("making a link into a session", () => _commands.RequireReachableAsync(sessionId, port, null, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<Stream> ConnectSessionPortAsync(SessionId sessionId, int port, CancellationToken cancellationToken = default) =>
        CallAsync("connecting to a session", () => _commands.ConnectAsync(sessionId, port, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<AgbCodeResult> RunCodeAsync(
        SessionId sessionId, AgbCodeRequest request, CancellationToken cancellationToken = default)
    {
        var valid = RequestRules.Code(request);
        return ChangeAsync("running code", () => _code.RunAsync(sessionId, valid, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<AgbBrowser> StartBrowserAsync(SessionId sessionId, AgbBrowserRequest request, CancellationToken cancellationToken = default)
    {
        var valid = BrowserRules.Browser(request);
        return ChangeAsync("starting a browser", () => _browsers.StartAsync(sessionId, valid, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<AgbBrowserConnection> ConnectBrowserAsync(SessionId sessionId, CancellationToken cancellationToken = default) =>
        CallAsync("connecting to a browser", () => _browsers.ConnectAsync(sessionId, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<AgbBrowser> GetBrowserAsync(SessionId sessionId, CancellationToken cancellationToken = default) =>
        CallAsync("reading a browser", () => _browsers.GetAsync(sessionId, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task StopBrowserAsync(SessionId sessionId, CancellationToken cancellationToken = default) =>
        DoAsync("stopping a browser", () => _browsers.StopAsync(sessionId, cancellationToken), cancellationToken);
}
