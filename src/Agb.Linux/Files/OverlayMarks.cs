namespace Agb.Linux;

/// <summary>The attributes in which a directory of changes says what overlayfs hides and where it took a directory from.</summary>
internal enum OverlayMarks : byte
{
    /// <summary>None: a plain directory, in which such attributes are content.</summary>
    None,

    /// <summary><c>user.overlay.*</c>, which need no privilege and allow no redirects.</summary>
    User,

    /// <summary><c>trusted.overlay.*</c>, which take CAP_SYS_ADMIN in the first user namespace.</summary>
    Trusted,
}
