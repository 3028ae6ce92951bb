using Microsoft.AspNetCore.Http.Features;

namespace Agb.Server;

/// <summary>Runs work only in a place of <see cref="CallSlots"/>: creations, commands, code, tools, terminals, files. Calls that
/// end work, show it or save its data need no place, so clients can reduce the load of a full server.</summary>
internal sealed class WorkMiddleware(RequestDelegate next, CallSlots places)
{
    /// <summary>Runs one request. The body of a refused request is not read.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        // Kestrel does not count WebSockets as connections, and has no typed refusal for them.
        using var socket = IsToBeSocket(context) ? places.EnterSocket() : null;
        if (context.GetEndpoint()?.Metadata.GetMetadata<EndpointWork>() is null || context.Features.Get<Caller>() is not { } caller)
        {
            await next(context).ConfigureAwait(false);
            return;
        }
        using var place = await places.EnterAsync(caller.Owner.Id, context.RequestAborted).ConfigureAwait(false);
        await next(context).ConfigureAwait(false);
    }

    // Some clients offer HTTP/2 with each request; the server ignores the offer.
    private static bool IsToBeSocket(HttpContext context) =>
        context.Features.Get<IHttpUpgradeFeature>()?.IsUpgradableRequest == true
        && !string.Equals(context.Request.Headers.Upgrade, "h2c", StringComparison.OrdinalIgnoreCase);
}

/// <summary>Marks endpoints for work.</summary>
internal sealed class EndpointWork
{
    /// <summary>The mark.</summary>
    internal static readonly EndpointWork Instance = new();
}
