namespace Agb;

/// <summary>The operations of every service: the embedded engine, the AGB cloud, an AGB-compatible server.</summary>
/// <remarks>Failures are <see cref="AgbException"/>, cancellation is <see cref="OperationCanceledException"/>. Every call can fail
/// with ConnectionFailed, AuthenticationFailed, TooManyRequests or ServiceRefused on a remote service, and with StoreCorrupt,
/// StoreFormatTooNew, AccessDenied, HostExhausted or DeviceFailed on the embedded one. All methods are thread-safe.</remarks>
public interface IAgbService : IAgbContexts, IAgbFiles, IAgbSessions, IAgbSyncs
{
    /// <summary>The service's name in messages: <c>embedded</c>, or the endpoint.</summary>
    string Name { get; }

    /// <summary>Gets the optional operations of the service; a remote service may be asked for them once. The default is
    /// all.</summary>
    /// <exception cref="AgbException">ConnectionFailed, AuthenticationFailed.</exception>
    ValueTask<AgbCapabilities> GetCapabilitiesAsync(CancellationToken cancellationToken = default) => new(AgbCapabilities.All);
}
