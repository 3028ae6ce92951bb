using System.Net;
using System.Security.Cryptography;
using System.Text;
using Agb.Server.Signing;

namespace Agb.Server.Links;

/// <summary>A port in a session, which a request is passed on to.</summary>
/// <param name="Service">The owner's service.</param>
/// <param name="Session">The session.</param>
/// <param name="Port">The port.</param>
internal sealed record SessionPort(IAgbService Service, SessionKey Session, int Port)
{
    /// <summary>Where a request says which port it is for.</summary>
    internal static HttpRequestOptionsKey<SessionPort> OptionsKey { get; } = new("agb.port");

    /// <summary>What a request is addressed to: a name that no other session has, so that whatever is kept by it is not for
    /// another. Nothing resolves it (RFC 6761, section 6.4).</summary>
    internal string Address => $"http://{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Session.ToString())).AsSpan(0, 16))}.invalid:{Port}/";

    /// <summary>The host as the server in the session knows itself.</summary>
    internal string Host => $"127.0.0.1:{Port}";
}

/// <summary>Makes the connections of port links. They are made by the service, which knows whose port it is: an address could be anybody's
/// on the host.</summary>
internal static class SessionConnector
{
    /// <summary>A client for requests that carry a <see cref="SessionPort"/>, and for no others.</summary>
    internal static HttpMessageInvoker CreateClient() => new(new SocketsHttpHandler
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        UseCookies = false,
        ConnectTimeout = TimeSpan.FromSeconds(15),
        // None outlives the client's connection that it was made for, with which it is counted.
        PooledConnectionIdleTimeout = TimeSpan.Zero,
        ConnectCallback = ConnectAsync,
    });

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        if (!context.InitialRequestMessage.Options.TryGetValue(SessionPort.OptionsKey, out var to))
        {
            throw new InvalidOperationException("The request does not say which session it is for.");
        }
        return to.Service is ISessionPortService ports
            ? await ports.ConnectSessionPortAsync(to.Session.SessionId, to.Port, cancellationToken).ConfigureAwait(false)
            : throw AgbErrors.NotSupported(to.Service.Name, "links into sessions");
    }
}
