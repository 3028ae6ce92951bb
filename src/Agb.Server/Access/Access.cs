namespace Agb.Server;

/// <summary>The kind of authentication of an endpoint.</summary>
internal enum AccessKind
{
    /// <summary>No authentication.</summary>
    Anybody,

    /// <summary>By an API key.</summary>
    ApiKey,

    /// <summary>By a session's token; the route value <c>session</c> names the session.</summary>
    SessionToken,

    /// <summary>By a presigned URL.</summary>
    PresignedUrl,

    /// <summary>By a signed link to a port.</summary>
    PortLink,

    /// <summary>By a signed link to a session's browser.</summary>
    BrowserLink,

    /// <summary>By a signed link to the live view of a session's desktop.</summary>
    DesktopView,
}

/// <summary>The authenticated caller.</summary>
/// <param name="Owner">The owner.</param>
/// <param name="SessionId">The session of the call, if named by the URL.</param>
internal sealed record Caller(Owner Owner, string? SessionId = null);

/// <summary>Authenticates requests, from their head alone. An invalid token, signature or owner always gets the same answer, to
/// prevent guessing.</summary>
internal sealed class AccessMiddleware(RequestDelegate next, OwnerRegistry owners, SignedLinks links, FailedAttempts attempts)
{
    /// <summary>Checks one request.</summary>
    public Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<EndpointAccess>() is { Kind: not AccessKind.Anybody } access)
        {
            context.Features.Set(Identify(context, access.Kind));
        }
        return next(context);
    }

    private Caller Identify(HttpContext context, AccessKind kind) => kind switch
    {
        AccessKind.ApiKey => IdentifyOwner(context),
        AccessKind.SessionToken => IdentifySession(context),
        AccessKind.PresignedUrl => IdentifyFile(context),
        AccessKind.BrowserLink => IdentifyLink(context, links.IsBrowserSignature),
        AccessKind.DesktopView => IdentifyLink(
            context, (signature, session) => ViewWord.Parse(context.GetRouteValue("mode")) is { } mode && links.IsViewSignature(signature, session, mode)),
        _ => IdentifyPort(context),
    };

    private Caller IdentifyOwner(HttpContext context)
    {
        const string remedy = "Send a key of this server in the header 'authorization: Bearer KEY'.";
        if (BearerOf(context.Request) is not { Length: > 0 } key)
        {
            // Not counted: a request without a key is not a guess.
            throw Refusal("The request has no API key.", remedy);
        }
        var hash = ApiKey.HashOf(key);
        attempts.Require(context, hash);
        if (owners.FindByKey(hash) is not { } owner)
        {
            throw Refused(context, "The API key is unknown.", remedy);
        }
        attempts.Succeeded(context, hash);
        return new Caller(owner);
    }

    private Caller IdentifySession(HttpContext context) =>
        SessionKey.Parse(context.GetRouteValue("session") as string) is { } session
            && links.IsToken(context.Request.Headers[WireHeaders.AccessToken], session)
            && owners.Find(session.OwnerId) is { } owner
            ? new Caller(owner, session.SessionId)
            : throw Refused(context, "The session's token is missing or wrong.", $"Send the token from createSession in the header {WireHeaders.AccessToken}.");

    private Caller IdentifyFile(HttpContext context)
    {
        var query = context.Request.Query;
        var method = HttpMethods.IsPut(context.Request.Method) ? "PUT" : "GET";
        var file = new PresignedFile(
            method, context.GetRouteValue("owner") as string ?? "", context.GetRouteValue("context") as string ?? "", query["path"].ToString());
        return links.IsPresigned(file, query["expires"], query["signature"]) && owners.Find(file.OwnerId) is { } owner
            ? new Caller(owner)
            : throw Refused(context, "The URL has no valid signature for this method, or has expired.", "Ask for a new URL.");
    }

    private Caller IdentifyPort(HttpContext context) =>
        SessionKey.Parse(context.GetRouteValue("session") as string) is { } session
            && context.GetRouteValue("port") is string text
            && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            && port.ToString(CultureInfo.InvariantCulture) == text
            && links.IsPortSignature(context.GetRouteValue("signature") as string, session, port)
            && owners.Find(session.OwnerId) is { } owner
            ? new Caller(owner, session.SessionId)
            : throw NotSigned(context);

    private Caller IdentifyLink(HttpContext context, Func<string?, SessionKey, bool> isSigned) =>
        SessionKey.Parse(context.GetRouteValue("session") as string) is { } session
            && isSigned(context.GetRouteValue("signature") as string, session)
            && owners.Find(session.OwnerId) is { } owner
            ? new Caller(owner, session.SessionId)
            : throw NotSigned(context);

    private AgbException NotSigned(HttpContext context) => Refused(context, "The link is not signed by this server.", "Ask for the link again.");

    private static string? BearerOf(HttpRequest request)
    {
        const string scheme = "Bearer ";
        var header = request.Headers.Authorization.ToString();
        return header.StartsWith(scheme, StringComparison.OrdinalIgnoreCase) ? header[scheme.Length..].Trim() : null;
    }

    private AgbException Refused(HttpContext context, string message, string remedy) => attempts.Failed(context, Refusal(message, remedy));

    private static AgbException Refusal(string message, string remedy) =>
        new(AgbErrorIds.AuthenticationFailed, AgbErrorKind.PermissionDenied, message, remedy);
}

/// <summary>The access rule of an endpoint.</summary>
/// <param name="Kind">The kind of authentication.</param>
internal sealed record EndpointAccess(AccessKind Kind);
