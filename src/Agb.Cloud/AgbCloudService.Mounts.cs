namespace Agb.Cloud;

/// <content>Contexts that come and go in running sessions, with an Agb server alone.</content>
public sealed partial class AgbCloudService : ISessionMountService
{
    /// <inheritdoc/>
    public async Task<AgbMount> MountContextAsync(SessionId sessionId, AgbMountRequest request, CancellationToken cancellationToken = default)
    {
        var valid = MountRules.Mount(request);
        return await OnMountsAsync(sessionId, s => s.MountContextAsync(sessionId, valid, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<AgbMount> DismountContextAsync(SessionId sessionId, AgbMountChange request, CancellationToken cancellationToken = default)
    {
        var valid = MountRules.Change(request);
        return await OnMountsAsync(sessionId, s => s.DismountContextAsync(sessionId, valid, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<AgbMount> SwitchContextAsync(SessionId sessionId, AgbMountChange request, CancellationToken cancellationToken = default)
    {
        var valid = MountRules.Change(request);
        return await OnMountsAsync(sessionId, s => s.SwitchContextAsync(sessionId, valid, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<AgbMount>> ListMountsAsync(SessionId sessionId, CancellationToken cancellationToken = default) =>
        OnMountsAsync(sessionId, s => s.ListMountsAsync(sessionId, cancellationToken), cancellationToken);

    private Task<T> OnMountsAsync<T>(SessionId sessionId, Func<ISessionMountService, Task<T>> call, CancellationToken cancellationToken) => OfSessionAsync(
        sessionId,
        s => call(s as ISessionMountService ?? throw AgbErrors.NotSupported(Name, "mounts into running sessions")),
        cancellationToken);
}
