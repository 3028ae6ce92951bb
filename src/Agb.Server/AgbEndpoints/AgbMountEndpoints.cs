using Microsoft.AspNetCore.Builder;

namespace Agb.Server;

/// <summary>The extension endpoints for contexts that come and go in running sessions.</summary>
internal static class AgbMountEndpoints
{
    /// <summary>Maps the endpoints.</summary>
    internal static void Map(IEndpointRouteBuilder routes)
    {
        var json = WireJson.Default;
        routes.Stream(AgbServerRoutes.MountContext, json.MountContextBody, json.MountDetail, async (call, body) => MountDetail.From(
            await Of(call).MountContextAsync(Session(call, body.SessionId), body.ToRequest(), call.Aborted).ConfigureAwait(false))).AsWork();
        routes.Stream(AgbServerRoutes.DismountContext, json.MountChangeBody, json.MountDetail, async (call, body) => MountDetail.From(
            await Of(call).DismountContextAsync(Session(call, body.SessionId), body.ToRequest(), call.Aborted).ConfigureAwait(false))).AsWork();
        routes.Stream(AgbServerRoutes.SwitchContext, json.MountChangeBody, json.MountDetail, async (call, body) => MountDetail.From(
            await Of(call).SwitchContextAsync(Session(call, body.SessionId), body.ToRequest(), call.Aborted).ConfigureAwait(false))).AsWork();
        routes.Answer<SessionIdBody, IReadOnlyList<MountDetail>>(AgbServerRoutes.ListMounts, json.SessionIdBody, json.IReadOnlyListMountDetail, async (call, body) =>
            [.. (await Of(call).ListMountsAsync(Session(call, body.SessionId), call.Aborted).ConfigureAwait(false)).Select(MountDetail.From)]);
    }

    private static SessionId Session(Call call, string? id) => new(call.RequireSessionId(id));

    private static ISessionMountService Of(Call call) =>
        call.Service as ISessionMountService ?? throw AgbErrors.NotSupported(call.Service.Name, "mounts into running sessions");
}
