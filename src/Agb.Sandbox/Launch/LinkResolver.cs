namespace Agb.Sandbox;

/// <summary>Follows a symlink of an image in the view of a process in the sandbox.</summary>
internal static class LinkResolver
{
    // The kernel's own limit is 40 (path_resolution(7)); system files need one or two.
    private const int MaxLinks = 8;

    /// <summary>Resolves a path of the image.</summary>
    /// <returns>A possible mount point in the sandbox: an existing file, or a path below /run, made when missing; null without
    /// one.</returns>
    public static string? Resolve(ImageRoot root, string path)
    {
        for (var i = 0; i < MaxLinks; i++)
        {
            var file = new FileInfo(root.OnHost(path));
            if (file.LinkTarget is not { } link)
            {
                return file.Exists || LinuxPath.IsAtOrBelow(path, "/run") ? path : null;
            }
            path = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, link));
            if (LinuxPath.IsAtOrBelow(path, "/run"))
            {
                return path;
            }
        }
        return null;
    }
}
