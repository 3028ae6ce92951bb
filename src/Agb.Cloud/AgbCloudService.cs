using System.Runtime.CompilerServices;

namespace Agb.Cloud;

/// <summary>An AGB service over HTTP and WebSocket: the AGB cloud, another service with the AGB API, or an Agb server with all of
/// <see cref="IAgbService"/>.</summary>
/// <remarks>The first call detects the kind of service; nothing is sent before it. Invalid requests are never sent.</remarks>
public sealed partial class AgbCloudService : IAgbService, ITerminalService, ISessionSleepService, ISessionForkService, IDisposable
{
    private readonly ApiClient _api;
    private readonly ServiceDetection _detection;

    /// <summary>Makes a service.</summary>
    /// <param name="options">The settings.</param>
    /// <exception cref="AgbException">InvalidSetting, AuthenticationFailed.</exception>
    public AgbCloudService(AgbCloudOptions options)
    {
        _api = new ApiClient(options);
        _detection = new ServiceDetection(_api, this);
        var tools = new ToolCalls(_api, new SessionCalls(_api, this));
        _browsers = new BrowserCalls(_api, this, tools);
        _desktops = new DesktopCalls(this, tools);
    }

    /// <summary>Raised for every request and its answer, with keys and tokens hidden, on any thread.</summary>
    public event Action<AgbWireExchange>? Exchanged
    {
        add => _api.Trace += value;
        remove => _api.Trace -= value;
    }

    /// <inheritdoc/>
    public string Name => _api.Name;

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <inheritdoc/>
    public async ValueTask<AgbCapabilities> GetCapabilitiesAsync(CancellationToken cancellationToken = default) =>
        await (await FindAsync(cancellationToken).ConfigureAwait(false)).GetCapabilitiesAsync(cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<AgbImage>> ListImagesAsync(CancellationToken cancellationToken = default) =>
        await (await FindAsync(cancellationToken).ConfigureAwait(false)).ListImagesAsync(cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async Task<AgbCommandResult> RunCommandAsync(
        SessionId sessionId, AgbCommandRequest request, CancellationToken cancellationToken = default)
    {
        var valid = RequestRules.Command(request);
        return await OfSessionAsync(sessionId, s => s.RunCommandAsync(sessionId, valid, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<AgbCodeResult> RunCodeAsync(SessionId sessionId, AgbCodeRequest request, CancellationToken cancellationToken = default)
    {
        var valid = RequestRules.Code(request);
        return await OfSessionAsync(sessionId, s => s.RunCodeAsync(sessionId, valid, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<IAgbTerminal> OpenTerminalAsync(
        SessionId sessionId, AgbTerminalRequest request, CancellationToken cancellationToken = default)
    {
        var valid = RequestRules.Terminal(request);
        return await OfSessionAsync(
            sessionId,
            s => s is ITerminalService terminals
                ? terminals.OpenTerminalAsync(sessionId, valid, cancellationToken)
                : throw AgbErrors.NotSupported(Name, "terminals"),
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Closes the connections. Sessions go on.</summary>
    public void Dispose()
    {
        _api.Dispose();
        _detection.Dispose();
    }

    private ValueTask<IAgbService> FindAsync(CancellationToken cancellationToken) => _detection.FindAsync(cancellationToken);

    private async IAsyncEnumerable<T> ListAsync<T>(
        Func<IAgbService, IAsyncEnumerable<T>> list, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var service = await FindAsync(cancellationToken).ConfigureAwait(false);
        await foreach (var item in list(service).WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            yield return item;
        }
    }
}
