namespace Agb.Engine;

/// <content>Contexts that come and go in running sessions.</content>
public sealed partial class EmbeddedService
{
    /// <inheritdoc/>
    public Task<AgbMount> MountContextAsync(SessionId sessionId, AgbMountRequest request, CancellationToken cancellationToken = default)
    {
        var valid = MountRules.Mount(request);
        return ChangeAsync("mounting a context", () => _mounts.MountAsync(sessionId, valid, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<AgbMount> DismountContextAsync(SessionId sessionId, AgbMountChange request, CancellationToken cancellationToken = default)
    {
        var valid = MountRules.Change(request);
        return ChangeAsync("taking a context out of a session", () => _mounts.DismountAsync(sessionId, valid, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<AgbMount> SwitchContextAsync(SessionId sessionId, AgbMountChange request, CancellationToken cancellationToken = default)
    {
        var valid = MountRules.Change(request);
        return ChangeAsync("showing another version of a context", () => _mounts.SwitchAsync(sessionId, valid, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<AgbMount>> ListMountsAsync(SessionId sessionId, CancellationToken cancellationToken = default) =>
        CallAsync("listing the contexts of a session", () => _mounts.List(sessionId), cancellationToken);
}
