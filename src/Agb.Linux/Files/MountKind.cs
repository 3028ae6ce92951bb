namespace Agb.Linux;

/// <summary>How contexts are mounted into sessions.</summary>
public enum MountKind
{
    /// <summary>The best kind on this host, according to the host probe.</summary>
    Auto,

    /// <summary>Overlayfs: attaching costs the same at any size. For a service, the best form on the host; for a session, the
    /// form with marks in <c>user.*</c> attributes.</summary>
    Overlay,

    /// <summary>A copy of the data: works on every host.</summary>
    Copy,

    /// <summary>Overlayfs with marks in <c>trusted.*</c> attributes: directories of an earlier version can be renamed. Only if
    /// root runs the engine.</summary>
    TrustedOverlay,

    /// <summary>Overlayfs with marks in <c>user.*</c> attributes, even if trusted marks would work.</summary>
    UserOverlay,
}
