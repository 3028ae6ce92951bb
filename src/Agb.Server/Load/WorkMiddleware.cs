using Agb.Server.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Agb.Server.Load;

/// <summary>Lets calls that are work run only in a place of <see cref="CallPlaces"/>: creations, commands, code, tools, terminals, files.
/// What ends work, looks at it or saves its data needs none, so that a server at its limit can be brought below it.</summary>
internal sealed class WorkMiddleware(RequestDelegate next, CallPlaces places)
{
    /// <summary>Runs one request. A refused one's body was not asked for.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        // Kestrel does not count those with its connections, and has no typed refusal for them.
        using var socket = IsToBeSocket(context) ? places.EnterSocket() : null;
        if (context.GetEndpoint()?.Metadata.GetMetadata<EndpointWork>() is null || context.Features.Get<Caller>() is not { } caller)
        {
            await next(context).ConfigureAwait(false);
            return;
        }
        using var place = await places.EnterAsync(caller.Owner.Id, context.RequestAborted).ConfigureAwait(false);
        await next(context).ConfigureAwait(false);
    }

    // Some clients offer version 2 of HTTP with each request; a server that does not take it up goes on as if it had not been offered.
    private static bool IsToBeSocket(HttpContext context) =>
        context.Features.Get<IHttpUpgradeFeature>()?.IsUpgradableRequest == true
        && !string.Equals(context.Request.Headers.Upgrade, "h2c", StringComparison.OrdinalIgnoreCase);
}

/// <summary>Marks endpoints whose calls are work.</summary>
internal sealed class EndpointWork
{
    /// <summary>The mark.</summary>
    internal static readonly EndpointWork Instance = new();
}
