using Agb.Protocol;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Yarp.ReverseProxy.Forwarder;

namespace Agb.Server.Links;

/// <summary>What a request looks like to the server in the session: without the signed part of the path, and without what was
/// meant for this server.</summary>
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
        // The session's server knows itself by its own address; who asked is in the usual headers.
        proxyRequest.Headers.Host = to.Host;
        proxyRequest.Headers.Remove(WireHeaders.AccessToken);
        proxyRequest.Headers.TryAddWithoutValidation("X-Forwarded-Host", request.Host.ToUriComponent());
        proxyRequest.Headers.TryAddWithoutValidation("X-Forwarded-Proto", request.Scheme);
        proxyRequest.Headers.TryAddWithoutValidation("X-Forwarded-Prefix", signed);
    }

    /// <summary>What of a request's target is meant for the session, as it was sent: decoding and encoding it again would change it.</summary>
    internal static string BehindSignature(string target)
    {
        // The other form of a target, with scheme and host, is for proxies (RFC 9112, section 3.2.2).
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
