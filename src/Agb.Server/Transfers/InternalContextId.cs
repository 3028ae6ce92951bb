namespace Agb.Server;

/// <summary>The id of the internal context for a session's file transfers. Derived from the session's id, so nothing is stored.</summary>
internal static class InternalContextId
{
    private const string Prefix = "SdkCtx-transfer-";

    /// <summary>The id for a session.</summary>
    internal static string Of(string sessionId) => Prefix + sessionId;

    /// <summary>The session of an id, or null for any other context.</summary>
    internal static string? SessionOf(string? contextId) =>
        contextId is not null && contextId.StartsWith(Prefix, StringComparison.Ordinal) && contextId.Length > Prefix.Length ? contextId[Prefix.Length..] : null;
}
