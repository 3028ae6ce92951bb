namespace Agb.Sandbox;

/// <summary>Where a session's user has its home: where the image says, unless a context is mounted over that. A context at <c>/home</c> is to show
/// what is stored there and nothing else, and what programs keep in a home directory is not to be stored with it.</summary>
internal static class SessionHome
{
    /// <summary>The home where the image's is covered: at a place where no context can be mounted.</summary>
    internal const string Elsewhere = "/var/lib/agb-home";

    /// <summary>Whether one of the mounts lies over the directory that the image's home would be in. One at the home itself does not.</summary>
    internal static bool IsCovered(AgbImage image, IEnumerable<string> mountPaths) =>
        mountPaths.Any(path => path != image.HomeDirectory && LinuxPath.IsAtOrBelow(image.HomeDirectory, path));

    /// <summary>The image with the home that a session of it has.</summary>
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
