namespace Agb.Sandbox;

/// <summary>The home of a session's user: the image's, unless a context is mounted over it. A context at <c>/home</c> shows only
/// its stored files, and the files of programs in a home directory are not stored with it.</summary>
internal static class SessionHome
{
    /// <summary>The home when the image's is covered; no context can be mounted there.</summary>
    internal const string Elsewhere = "/var/lib/agb-home";

    /// <summary>Whether one of the mounts lies over a parent directory of the image's home, not at the home itself.</summary>
    internal static bool IsCovered(AgbImage image, IEnumerable<string> mountPaths) =>
        mountPaths.Any(path => path != image.HomeDirectory && LinuxPath.IsAtOrBelow(image.HomeDirectory, path));

    /// <summary>The image with the home of its session.</summary>
    internal static AgbImage In(AgbImage image, bool isCovered)
    {
        if (!isCovered)
        {
            return image;
        }
        var variables = new Dictionary<string, string>(image.Environment, StringComparer.Ordinal);
        if (variables.GetValueOrDefault("HOME") == image.HomeDirectory)
        {
            variables["HOME"] = Elsewhere;
        }
        return image with { HomeDirectory = Elsewhere, Environment = variables };
    }
}
