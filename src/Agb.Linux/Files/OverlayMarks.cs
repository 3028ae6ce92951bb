namespace Agb.Linux;

/// <summary>The attributes for overlayfs's marks in a directory of changes: hidden content, and the source of a renamed
/// directory.</summary>
internal enum OverlayMarks : byte
{
    /// <summary>None: a plain directory, with such attributes as content.</summary>
    None,

    /// <summary><c>user.overlay.*</c>: no privilege needed, no redirects.</summary>
    User,

    /// <summary><c>trusted.overlay.*</c>: CAP_SYS_ADMIN in the first user namespace needed.</summary>
    Trusted,
}
