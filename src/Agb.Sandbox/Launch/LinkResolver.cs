namespace Agb.Sandbox;

/// <summary>Follows a symlink of an image as a process in the sandbox would.</summary>
internal static class LinkResolver
{
    // The kernel's own limit is 40 (path_resolution(7)); system files need one or two.
    private const int MaxLinks = 8;

    /// <summary>Where a path of the image leads to.</summary>
    /// <returns>A path in the sandbox that can be mounted on: an existing file, or one below /run, which is made. Null when
    /// there is none.</returns>
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
