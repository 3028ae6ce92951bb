using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Forwarder;

namespace Agb.Server;

/// <summary>Rewrites a request for a browser: with the path of its WebSocket now, and the only host name it takes.</summary>
internal sealed class BrowserTransformer : HttpTransformer
{
    public override async ValueTask TransformRequestAsync(
        HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken).ConfigureAwait(false);
        var to = httpContext.Features.GetRequiredFeature<SessionPort>();
        proxyRequest.RequestUri = new Uri(destinationPrefix.TrimEnd('/') + to.Browser!.Path);
        proxyRequest.Options.Set(SessionPort.OptionsKey, to);
        proxyRequest.Headers.Host = to.Browser.Host;
        // The link is the permission; the browser refuses pages of every other origin.
        proxyRequest.Headers.Remove("Origin");
        proxyRequest.Headers.Remove(WireHeaders.AccessToken);
    }
}
