namespace Agb.Linux;

/// <summary>The attributes for overlayfs's marks in a directory of changes: hidden content, and the source of a renamed
/// directory.</summary>
internal enum OverlayMarks : byte
{
    /// <summary>None: a plain directory, with such attributes as content.</summary>
    None,

    /// <c>user.overlay.*</c>: no privilege needed, no redirects.
    User,

    /// <c>trusted.overlay.*</c>: CAP_SYS_ADMIN in the first user namespace needed.
    Trusted,
}
