using System.Net.Sockets;

namespace Agb.Engine;

/// <summary>Starts, finds and stops the browsers of sessions.</summary>
internal sealed class BrowserOperations : IDisposable
{
    private readonly EngineParts _parts;
    private readonly SessionReader _reader;
    private readonly SessionActivity _activity;
    private readonly BrowserRecords _records;
    private readonly BrowserCloser _closer;
    private readonly BrowserLauncher _launcher;
    private readonly BrowserEndpoints _endpoints;
    private readonly Func<string, CancellationToken, Task<(AgbImage Image, SandboxHandle Sandbox)>> _requireRunning;

    /// <summary>Creates the operations.</summary>
    /// <param name="parts">The engine's parts.</param>
    /// <param name="reader">Reads sessions.</param>
    /// <param name="activity">The last use of sessions.</param>
    /// <param name="browsers">The records of browsers, and their end.</param>
    /// <param name="requireRunning">The image and the sandbox of a running session.</param>
    internal BrowserOperations(
        EngineParts parts, SessionReader reader, SessionActivity activity, (BrowserRecords Records, BrowserCloser Closer) browsers,
        Func<string, CancellationToken, Task<(AgbImage Image, SandboxHandle Sandbox)>> requireRunning)
    {
        (_parts, _reader, _activity, _requireRunning) = (parts, reader, activity, requireRunning);
        (_records, _closer) = browsers;
        _launcher = new BrowserLauncher(parts, _records);
        _endpoints = new BrowserEndpoints(ConnectAsync, GetAsync);
    }

    /// <summary>Starts a browser for valid options.</summary>
    internal async Task<AgbBrowser> StartAsync(string sessionId, AgbBrowserRequest request, CancellationToken cancellationToken)
    {
        await RequireAsync(sessionId, cancellationToken).ConfigureAwait(false);
        using var used = _activity.Use(sessionId);
        using var held = await _records.LockAsync(sessionId, cancellationToken).ConfigureAwait(false);
        // A release may have come first.
        var session = await RequireAsync(sessionId, cancellationToken).ConfigureAwait(false);
        var files = await BrowserFiles.FindAsync(session, _parts.Driver, request, cancellationToken).ConfigureAwait(false);
        if (_records.TryRead(sessionId) is { } record)
        {
            if (record is { IsReady: true, IsAlive: true } && record.IsFor(request, files.Sources))
            {
                return ToBrowser(sessionId, record);
            }
            await _closer.CloseAsync(sessionId, session.Sandbox, record, cancellationToken).ConfigureAwait(false);
        }
        await files.UnpackAsync(session, _parts.Driver, cancellationToken).ConfigureAwait(false);
        return ToBrowser(sessionId, await _launcher.StartAsync(session, request, files, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>The running browser of a session.</summary>
    internal async Task<AgbBrowser> GetAsync(string sessionId, CancellationToken cancellationToken)
    {
        await RequireAsync(sessionId, cancellationToken).ConfigureAwait(false);
        return ToBrowser(sessionId, RequireRecord(sessionId));
    }

    /// <summary>Closes the browser of a session.</summary>
    internal async Task StopAsync(string sessionId, CancellationToken cancellationToken)
    {
        var session = await RequireAsync(sessionId, cancellationToken).ConfigureAwait(false);
        using var used = _activity.Use(sessionId);
        using var held = await _records.LockAsync(sessionId, cancellationToken).ConfigureAwait(false);
        if (_records.TryRead(sessionId) is { } record)
        {
            await _closer.CloseAsync(sessionId, session.Sandbox, record, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Ends the addresses of a released session.</summary>
    internal void Forget(string sessionId) => _endpoints.Forget(sessionId);

    /// <inheritdoc/>
    public void Dispose() => _endpoints.Dispose();

    /// <summary>Connects a client to the browser that runs now. The session is in use until the stream is disposed.</summary>
    internal async Task<AgbBrowserConnection> ConnectAsync(string sessionId, CancellationToken cancellationToken)
    {
        var session = await RequireAsync(sessionId, cancellationToken).ConfigureAwait(false);
        var path = RequireRecord(sessionId).Path;
        try
        {
            var stream = await UsedStream.OpenAsync(
                _activity.Connect(sessionId), () => _parts.Driver.ConnectAsync(session.Sandbox, DevTools.Port, cancellationToken)).ConfigureAwait(false);
            return new AgbBrowserConnection(stream, DevTools.Host, path);
        }
        catch (SocketException e)
        {
            throw new AgbException(
                AgbErrorIds.ConnectionFailed, AgbErrorKind.Failed, $"The browser of the session '{sessionId}' takes no connection: {e.Message}.",
                "Try again, or start it anew.", sessionId, e);
        }
    }

    private BrowserRecord RequireRecord(string sessionId) =>
        _records.TryReadRunning(sessionId) ?? throw BrowserErrors.NotRunning(sessionId, hasEnded: _records.TryRead(sessionId) is { IsReady: true });

    private async Task<BrowserSession> RequireAsync(string sessionId, CancellationToken cancellationToken)
    {
        AgbImage image;
        SandboxHandle sandbox;
        try
        {
            (image, sandbox) = await _requireRunning(sessionId, cancellationToken).ConfigureAwait(false);
        }
        catch (AgbException e) when (e.ErrorId == AgbErrorIds.SessionNotFound)
        {
            // Released by another process, or for its time limit.
            Forget(sessionId);
            throw;
        }
        return !image.HasBrowser ? throw BrowserErrors.NoBrowser(image.ImageId)
            : _reader.Require(sessionId).Network == AgbNetwork.Host ? throw BrowserErrors.HostNetwork(sessionId)
            : new BrowserSession(sessionId, image, sandbox);
    }

    private AgbBrowser ToBrowser(string sessionId, BrowserRecord record) => new()
    {
        Service = _parts.Service,
        SessionId = sessionId,
        Endpoint = _endpoints.AddressOf(sessionId),
        Version = record.Version,
        Extensions = record.Extensions,
    };
}
