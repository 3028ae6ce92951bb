using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace Agb.Server;

/// <summary>A port in a session, as the target of a request.</summary>
/// <param name="Service">The owner's service.</param>
/// <param name="Session">The session.</param>
/// <param name="Port">The port.</param>
internal sealed record SessionPort(IAgbService Service, SessionKey Session, int Port)
{
    /// <summary>The connection to a browser, made for this request; null for a port.</summary>
    internal AgbBrowserConnection? Browser { get; init; }

    /// <summary>The key of the target port in a request's options.</summary>
    internal static HttpRequestOptionsKey<SessionPort> OptionsKey { get; } = new("agb.port");

    /// <summary>The URL of a request: a host name unique to the session, so that state kept by host name is never shared. The
    /// name never resolves (RFC 6761, section 6.4).</summary>
    internal string Address => $"http://{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Session.ToString())).AsSpan(0, 16))}.invalid:{Port}/";

    /// <summary>The host name for the server in the session.</summary>
    internal string Host => $"127.0.0.1:{Port}";
}

/// <summary>Opens the connections of port links. The service opens them, because it knows the session: a host address could
/// belong to any program.</summary>
internal static class SessionConnector
{
    /// <summary>A client only for requests with a <see cref="SessionPort"/>.</summary>
    internal static HttpMessageInvoker CreateClient() => new(new SocketsHttpHandler
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        UseCookies = false,
        ConnectTimeout = TimeSpan.FromSeconds(15),
        // A connection ends with its client connection, because they are counted together.
        PooledConnectionIdleTimeout = TimeSpan.Zero,
        ConnectCallback = ConnectAsync,
    });

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        if (!context.InitialRequestMessage.Options.TryGetValue(SessionPort.OptionsKey, out var to))
        {
            throw new InvalidOperationException("The request has no target session.");
        }
        return to.Browser?.Stream ?? await PortLinks.PortsOf(to.Service).ConnectSessionPortAsync(new SessionId(to.Session.SessionId), to.Port, cancellationToken).ConfigureAwait(false);
    }
}
