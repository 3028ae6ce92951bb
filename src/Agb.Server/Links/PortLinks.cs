using Microsoft.AspNetCore.Builder;

namespace Agb.Server;

/// <summary>Links to ports in sessions: the server forwards HTTP and WebSocket requests under a signed path.</summary>
internal sealed class PortLinks : IDisposable
{
    private const string PathPrefix = "/port";

    private static readonly string[] s_schemes = ["http", "https", "ws", "wss"];

    private readonly SessionForward _forward = new(new SessionPortTransformer());

    /// <summary>Maps the proxy.</summary>
    internal static void Map(IEndpointRouteBuilder routes) => routes
        .Map(PathPrefix + "/{session}/{port}/{signature}/{**rest}", context => ForwardAsync(new Call(context)))
        .WithMetadata(new EndpointAccess(AccessKind.PortLink));

    /// <summary>Makes a link to a port.</summary>
    /// <param name="call">The requesting call.</param>
    /// <param name="sessionId">The session.</param>
    /// <param name="port">The port.</param>
    /// <param name="scheme">The client's protocol. Encryption depends on the server's URL.</param>
    /// <exception cref="AgbException">SessionNotFound and others, from the service; InvalidRequest for another scheme.</exception>
    internal static async Task<string> CreateAsync(Call call, string sessionId, int port, string? scheme)
    {
        if (scheme is not null && !s_schemes.Contains(scheme))
        {
            throw AgbErrors.Invalid(AgbErrorIds.InvalidRequest, $"The protocol is '{scheme}'; expected one of {string.Join(", ", s_schemes)}.", target: scheme);
        }
        // Checks the port; the proxy repeats the check for each request.
        await PortsOf(call.Service).RequireSessionPortAsync(new SessionId(sessionId), port, call.Aborted).ConfigureAwait(false);
        var session = call.KeyOf(sessionId);
        var link = string.Create(
            CultureInfo.InvariantCulture, $"{call.BaseUrl}{PathPrefix}/{session}/{port}/{call.Links.PortSignatureOf(session, port)}/");
        return scheme is "ws" or "wss" ? "ws" + link["http".Length..] : link;
    }

    /// <inheritdoc/>
    public void Dispose() => _forward.Dispose();

    /// <summary>The part of a service with its sessions' ports.</summary>
    /// <exception cref="AgbException">NotSupported.</exception>
    internal static ISessionPortService PortsOf(IAgbService service) =>
        service as ISessionPortService ?? throw AgbErrors.NotSupported(service.Name, "links into sessions");

    private static async Task ForwardAsync(Call call)
    {
        var links = call.Get<PortLinks>();
        var port = int.Parse((string)call.Http.GetRouteValue("port")!, CultureInfo.InvariantCulture);
        call.Owner.RequireNotReleasing(call.Caller.SessionId!);
        // Fails for a missing session or port.
        await PortsOf(call.Service).RequireSessionPortAsync(new SessionId(call.Caller.SessionId!), port, call.Aborted).ConfigureAwait(false);
        await links._forward.SendAsync(
            call, new SessionPort(call.Service, call.KeyOf(call.Caller.SessionId!), port), $"Nothing in the session answers on port {port}",
            "Start a server there that listens on 127.0.0.1 or on all addresses.").ConfigureAwait(false);
    }
}
