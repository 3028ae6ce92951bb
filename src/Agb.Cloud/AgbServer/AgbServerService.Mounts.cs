namespace Agb.Cloud;

/// <content>Contexts that come and go in running sessions.</content>
internal sealed partial class AgbServerService
{
    public async Task<AgbMount> MountContextAsync(SessionId sessionId, AgbMountRequest request, CancellationToken cancellationToken = default) =>
        ToMount(await _streams.ResultAsync(
            ApiCall.Post(
                AgbServerRoutes.MountContext, MountContextBody.From(sessionId, request), WireJson.Default.MountContextBody, Repeat.WhenTurnedAway),
            WireJson.Default.MountDetail, cancellationToken).ConfigureAwait(false));

    public Task<AgbMount> DismountContextAsync(SessionId sessionId, AgbMountChange request, CancellationToken cancellationToken = default) =>
        ChangeMountAsync(AgbServerRoutes.DismountContext, sessionId, request, cancellationToken);

    public Task<AgbMount> SwitchContextAsync(SessionId sessionId, AgbMountChange request, CancellationToken cancellationToken = default) =>
        ChangeMountAsync(AgbServerRoutes.SwitchContext, sessionId, request, cancellationToken);

    public async Task<IReadOnlyList<AgbMount>> ListMountsAsync(SessionId sessionId, CancellationToken cancellationToken = default)
    {
        var mounts = await CallAsync(
            ApiCall.Post(AgbServerRoutes.ListMounts, new SessionIdBody { SessionId = sessionId }, WireJson.Default.SessionIdBody, Repeat.Always),
            WireJson.Default.IReadOnlyListMountDetail, cancellationToken).ConfigureAwait(false);
        return [.. mounts.Select(ToMount)];
    }

    private async Task<AgbMount> ChangeMountAsync(string route, SessionId sessionId, AgbMountChange request, CancellationToken cancellationToken) =>
        ToMount(await _streams.ResultAsync(
            ApiCall.Post(route, MountChangeBody.From(sessionId, request), WireJson.Default.MountChangeBody, Repeat.WhenTurnedAway),
            WireJson.Default.MountDetail, cancellationToken).ConfigureAwait(false));

    private AgbMount ToMount(MountDetail detail) => Answers.Guard(() => detail.ToMount(owner), "");
}
