namespace Agb.Protocol;

/// <summary>The paths of the AGB API. Their letter case is part of the protocol.</summary>
public static class AgbRoutes
{
    /// <summary>Creates a session (POST).</summary>
    public const string CreateSession = "/mcp/createSession";
}
