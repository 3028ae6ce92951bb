namespace Agb.Engine.Sandbox;

/// <summary>How overlays are mounted, here and in the host probe.</summary>
internal static class OverlayOptions
{
    /// <summary>Options for a directory with upper, work and merged in it. userxattr: marks are kept in user.overlay.*
    /// attributes, which need no privilege. volatile: no syncing, since a session's own changes may be lost in a crash and
    /// an upload makes its own copy durable. (Kernel 5.11, Documentation/filesystems/overlayfs.rst.)</summary>
    /// <param name="name">The directory, without characters that separate options.</param>
    /// <param name="lowers">The paths of the lower directories, topmost first, relative to the session's directory
    /// or absolute, without such characters.</param>
    public static string Build(string name, params IEnumerable<string> lowers) =>
        $"lowerdir={string.Join(':', lowers)},upperdir={name}/upper,workdir={name}/work,userxattr,volatile";
}
