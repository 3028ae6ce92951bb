using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Forwarder;

namespace Agb.Server;

/// <summary>Rewrites a request for the server in the session: without the signed part of the path and without
/// the headers for this server.</summary>
internal sealed class SessionPortTransformer : HttpTransformer
{
    /// <summary>port, session, number, signature.</summary>
    private const int SignedParts = 4;

    public override async ValueTask TransformRequestAsync(
        HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken).ConfigureAwait(false);
        var request = httpContext.Request;
        var signed = $"/port/{httpContext.GetRouteValue("session")}/{httpContext.GetRouteValue("port")}/{httpContext.GetRouteValue("signature")}";
        var target = httpContext.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        proxyRequest.RequestUri = new Uri(destinationPrefix.TrimEnd('/') + BehindSignature(target));
        var to = httpContext.Features.GetRequiredFeature<SessionPort>();
        proxyRequest.Options.Set(SessionPort.OptionsKey, to);
        // The session's server expects its own address as host; the client's address is in the usual headers.
        proxyRequest.Headers.Host = to.Host;
        proxyRequest.Headers.Remove(WireHeaders.AccessToken);
        proxyRequest.Headers.TryAddWithoutValidation("X-Forwarded-Host", request.Host.ToUriComponent());
        proxyRequest.Headers.TryAddWithoutValidation("X-Forwarded-Proto", request.Scheme);
        proxyRequest.Headers.TryAddWithoutValidation("X-Forwarded-Prefix", signed);
    }

    /// <summary>The target for the session's server, unchanged: decoding and encoding again would change it.</summary>
    internal static string BehindSignature(string target)
    {
        // The absolute form of a target is for proxies (RFC 9112, section 3.2.2).
        var path = target.StartsWith('/') ? target.TrimStart('/') : new Uri(target).PathAndQuery.TrimStart('/');
        for (var part = 0; part < SignedParts; part++)
        {
            var end = path.AsSpan().IndexOfAny('/', '?');
            if (end < 0)
            {
                return "/";
            }
            if (path[end] == '?')
            {
                return "/" + path[end..];
            }
            path = path[(end + 1)..];
        }
        return "/" + path;
    }
}
