namespace Agb.Sandbox;

/// <summary>The choice of a session's network.</summary>
internal static class SessionNetworks
{
    /// <summary>The network of a new session. An image with a browser gets a network of its own where the host can make one.</summary>
    /// <exception cref="AgbException">HostNotReady: the host can't make the network. InvalidSessionOption: a desktop on the host's
    /// network, where its screen would be open to other sessions.</exception>
    public static AgbNetwork Choose(AgbNetwork? asked, AgbImage image)
    {
        var network = asked ?? (image.HasDesktop || (image.HasBrowser && OwnNetwork.Missing() is null) ? AgbNetwork.Own : AgbNetwork.Host);
        if (network == AgbNetwork.Own)
        {
            OwnNetwork.Require();
        }
        if (network == AgbNetwork.Host && image.HasDesktop)
        {
            throw AgbErrors.Invalid(
                AgbErrorIds.InvalidSessionOption,
                $"The network Host is not possible for the image '{image.ImageId}': other sessions could reach its desktop.",
                "Use the network Own or None.");
        }
        return network;
    }
}
