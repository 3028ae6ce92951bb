namespace Agb.Sandbox;

/// <summary>The choice of a session's network.</summary>
internal static class SessionNetworks
{
    /// <summary>The network of a new session.</summary>
    public static AgbNetwork Choose(AgbNetwork? asked, AgbImage image) =>
        asked ?? (image.HasBrowser || image.HasDesktop ? AgbNetwork.Own : AgbNetwork.Host);
}
