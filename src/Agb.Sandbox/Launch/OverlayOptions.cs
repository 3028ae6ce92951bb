namespace Agb.Sandbox;

/// <summary>Mount options of overlays, for sessions and for the host probe.</summary>
internal static class OverlayOptions
{
    // mount(2) takes one page of options, its last byte a 0, and cuts longer ones without an error: layers would be missing.
    private const int MostBytes = 4095;

    private const string Renaming = "redirect_dir=on";

    // fs/overlayfs/params.h
    private const int MostLowers = 500;

    /// <summary>Options without renames of directories of the lower layers; renames in these layers still count.</summary>
    public static string WithoutRenames(string options) => options.Replace(Renaming, "redirect_dir=follow", StringComparison.Ordinal);

    /// <summary>Options for a directory with upper, work and merged in it. volatile: no syncing. A session's own changes may be lost in
    /// a crash, and an upload makes its own copy durable. (Kernel 5.11, Documentation/filesystems/overlayfs.rst.)</summary>
    /// <param name="name">The directory, without separators of mount options in its name.</param>
    /// <param name="marks">User marks need no privilege. Trusted ones allow redirects, for renames of directories of a lower layer;
    /// metacopy stays off, so that files in the upper directory always have their content.</param>
    /// <param name="links">Whether to keep hard links in the lower layers when one of their names is written to, by an index in the work
    /// directory (<see cref="OverlayLinkIndex"/>); only with trusted marks.</param>
    /// <param name="lowers">The paths of the lower directories, topmost first, relative to the session's directory
    /// or absolute, without separators of mount options.</param>
    /// <exception cref="AgbException">TooManyLayers.</exception>
    public static string Build(string name, OverlayMarks marks, bool links, params IEnumerable<string> lowers)
    {
        var list = lowers.ToArray();
        var kind = marks == OverlayMarks.Trusted ? $"{Renaming},index={(links ? "on" : "off")},metacopy=off" : "userxattr";
        var options = $"lowerdir={string.Join(':', list)},upperdir={name}/upper,workdir={name}/work,{kind},volatile";
        return list.Length <= MostLowers && Encoding.UTF8.GetByteCount(options) <= MostBytes
            ? options
            : throw new AgbException(
                AgbErrorIds.TooManyLayers, AgbErrorKind.InvalidState,
                $"The context has {list.Length} layers at '{name}'; an overlay takes {MostLowers}, in options of {MostBytes} bytes (now {Encoding.UTF8.GetByteCount(options)}).",
                "Upload to the context once, which merges its layers, and try again.");
    }
}
