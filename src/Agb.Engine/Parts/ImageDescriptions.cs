namespace Agb.Engine;

/// <summary>What images offer on this host. It is read from the file system at most once in a few seconds: each answer about a session
/// needs its image.</summary>
internal sealed class ImageDescriptions(TimeProvider time)
{
    /// <summary>The age up to which a description is used.</summary>
    internal static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<(string Root, bool HasBrowser, bool HasDesktop), (long ReadAt, AgbImage Image)> _known = new();

    /// <summary>An image with its description.</summary>
    internal AgbImage Describe(AgbImage image)
    {
        var key = (image.Root, image.HasBrowser, image.HasDesktop);
        if (!_known.TryGetValue(key, out var known) || time.GetElapsedTime(known.ReadAt) >= MaxAge)
        {
            _known[key] = known = (time.GetTimestamp(), ImageNeeds.Describe(image));
        }
        return image with { Languages = known.Image.Languages, Missing = known.Image.Missing, Remedy = known.Image.Remedy };
    }
}
