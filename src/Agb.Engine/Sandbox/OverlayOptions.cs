namespace Agb.Engine.Sandbox;

/// <summary>How overlays are mounted, here and in the host probe.</summary>
internal static class OverlayOptions
{
    /// <summary>Options for a directory with upper, work and merged in it. userxattr: marks are kept in user.overlay.*
    /// attributes, which need no privilege. volatile: no syncing, since a session's own changes may be lost in a crash and
    /// an upload makes its own copy durable. (Kernel 5.11, Documentation/filesystems/overlayfs.rst.)</summary>
    /// <param name="lowers">The lower directories, topmost first, separated by colons.</param>
    public static string Build(string lowers) => $"lowerdir={lowers},upperdir=upper,workdir=work,userxattr,volatile";
}
