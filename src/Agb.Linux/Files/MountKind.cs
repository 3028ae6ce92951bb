namespace Agb.Linux;

/// <summary>How contexts are mounted into sessions.</summary>
public enum MountKind
{
    /// <summary>What the host probe finds best.</summary>
    Auto,

    /// <summary>Overlayfs: attaching costs the same whatever the size. Of a service the best that the host has; of a session the one whose
    /// marks are <c>user.*</c> attributes.</summary>
    Overlay,

    /// <summary>A copy of the data: works on every host.</summary>
    Copy,

    /// <summary>Overlayfs whose marks are <c>trusted.*</c> attributes, with which a directory of an earlier version can be renamed. Only for
    /// an engine that root runs.</summary>
    TrustedOverlay,

    /// <summary>Overlayfs whose marks are <c>user.*</c> attributes, even where the others would hold.</summary>
    UserOverlay,
}
