using Agb.Protocol;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Yarp.ReverseProxy.Forwarder;

namespace Agb.Server.Links;

/// <summary>What a request looks like to the server in the session: without the signed part of the path, and without what was
/// meant for this server.</summary>
internal sealed class SessionPortTransformer : HttpTransformer
{
    public override async ValueTask TransformRequestAsync(
        HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken).ConfigureAwait(false);
        var request = httpContext.Request;
        var signed = $"/port/{httpContext.GetRouteValue("session")}/{httpContext.GetRouteValue("port")}/{httpContext.GetRouteValue("signature")}";
        var path = request.Path.StartsWithSegments(new PathString(signed), out var rest) && rest.HasValue ? rest : new PathString("/");
        proxyRequest.RequestUri = RequestUtilities.MakeDestinationAddress(destinationPrefix, path, request.QueryString);
        // The address of the session's server is its host; who asked is in the usual headers.
        proxyRequest.Headers.Host = null;
        proxyRequest.Headers.Remove(WireHeaders.AccessToken);
        proxyRequest.Headers.TryAddWithoutValidation("X-Forwarded-Host", request.Host.ToUriComponent());
        proxyRequest.Headers.TryAddWithoutValidation("X-Forwarded-Proto", request.Scheme);
        proxyRequest.Headers.TryAddWithoutValidation("X-Forwarded-Prefix", signed);
    }
}
