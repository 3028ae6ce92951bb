namespace Agb.Server;

/// <summary>A session in URLs: its owner and its id.</summary>
/// <param name="OwnerId">The owner.</param>
/// <param name="SessionId">The session.</param>
internal readonly record struct SessionKey(string OwnerId, string SessionId)
{
    /// <summary>Reads <c>OWNER.SESSION</c>.</summary>
    internal static SessionKey? Parse(string? text) =>
        text?.IndexOf('.') is > 0 and var dot && dot < text.Length - 1 ? new SessionKey(text[..dot], text[(dot + 1)..]) : null;

    /// <inheritdoc/>
    public override string ToString() => $"{OwnerId}.{SessionId}";
}

/// <summary>The signed links of a server.</summary>
internal sealed class SignedLinks(Signer signer, TimeProvider time)
{
    /// <summary>The prefix of presigned URLs' path.</summary>
    internal const string ObjectPath = "/objects";

    /// <summary>The token for a session's link route and WebSocket.</summary>
    internal string TokenOf(SessionKey session) => signer.Sign("session", session.OwnerId, session.SessionId);

    /// <summary>Whether a token belongs to the session.</summary>
    internal bool IsToken(string? token, SessionKey session) => signer.Verify(token, "session", session.OwnerId, session.SessionId);

    /// <summary>The last part of a port's path.</summary>
    internal string PortSignatureOf(SessionKey session, int port) =>
        signer.Sign("port", session.OwnerId, session.SessionId, port.ToString(CultureInfo.InvariantCulture));

    /// <summary>Whether a signature belongs to the port.</summary>
    internal bool IsPortSignature(string? signature, SessionKey session, int port) =>
        signer.Verify(signature, "port", session.OwnerId, session.SessionId, port.ToString(CultureInfo.InvariantCulture));

    /// <summary>A part of the path of a browser's link.</summary>
    internal string BrowserSignatureOf(SessionKey session) => signer.Sign("browser", session.OwnerId, session.SessionId);

    /// <summary>Whether a signature belongs to the session's browser.</summary>
    internal bool IsBrowserSignature(string? signature, SessionKey session) => signer.Verify(signature, "browser", session.OwnerId, session.SessionId);

    /// <summary>A part of the path of a desktop's live view.</summary>
    internal string ViewSignatureOf(SessionKey session, AgbDesktopViewMode mode) => signer.Sign("view", session.OwnerId, session.SessionId, mode.ToString());

    /// <summary>Whether a signature belongs to the session's live view in this mode.</summary>
    internal bool IsViewSignature(string? signature, SessionKey session, AgbDesktopViewMode mode) =>
        signer.Verify(signature, "view", session.OwnerId, session.SessionId, mode.ToString());

    /// <summary>Path and query of a presigned URL.</summary>
    internal string PresignedUrl(PresignedFile file, DateTimeOffset expires)
    {
        var seconds = expires.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return $"{ObjectPath}/{Uri.EscapeDataString(file.OwnerId)}/{Uri.EscapeDataString(file.ContextId)}"
            + $"?path={Uri.EscapeDataString(file.Path)}&method={file.Method}&expires={seconds}&signature={Sign(file, seconds)}";
    }

    /// <summary>Whether a presigned URL is signed by this server and still valid.</summary>
    internal bool IsPresigned(PresignedFile file, string? expires, string? signature) =>
        expires is not null
        && signer.Verify(signature, "object", file.Method, file.OwnerId, file.ContextId, file.Path, expires)
        && long.TryParse(expires, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
        && time.GetUtcNow().ToUnixTimeSeconds() < seconds;

    private string Sign(PresignedFile file, string expires) =>
        signer.Sign("object", file.Method, file.OwnerId, file.ContextId, file.Path, expires);
}

/// <summary>The subject of a presigned URL.</summary>
/// <param name="Method">GET or PUT.</param>
/// <param name="OwnerId">The owner.</param>
/// <param name="ContextId">The context.</param>
/// <param name="Path">The absolute path in it.</param>
internal readonly record struct PresignedFile(string Method, string OwnerId, string ContextId, string Path);
