using System.Text;

namespace Agb.Sandbox;

/// <summary>The part of the overlay probe that trusted marks need. A kernel that does not keep them mounts all the same, with less.</summary>
internal static class TrustedProbe
{
    // In the merged directory, as the session's user. mv copies where rename(2) fails; the mark in the upper directory tells.
    internal const string Script =
        """

        mv merged/named merged/renamed
        expect "$(cat merged/renamed/file)" = lower
        expect ! -e merged/named
        cat /proc/self/mountinfo
        """;

    // The same for two names of one file.
    internal const string LinksScript =
        """

        echo written >merged/kept
        expect "$(cat merged/twin)" = written
        """;

    /// <summary>Gives a file of the lower directory a second name.</summary>
    internal static void Link(string overlay)
    {
        using var lower = Fd.OpenDirectory(Path.Combine(overlay, "lower"));
        if (!lower.TryLinkAt("kept", lower, "twin"))
        {
            throw new IOException($"The file system of '{overlay}' has no hard links.");
        }
    }

    /// <summary>Looks at what the script left.</summary>
    /// <param name="overlay">The directory that holds the upper one.</param>
    /// <param name="mountInfo">What the script read of its mounts.</param>
    /// <param name="links">Whether names of one file had to be kept together.</param>
    /// <returns>What does not hold, or null.</returns>
    internal static string? Examine(string overlay, byte[] mountInfo, bool links)
    {
        var options = Encoding.UTF8.GetString(mountInfo).Split('\n')
            .LastOrDefault(l => l.Contains(" - overlay ", StringComparison.Ordinal) && l.Contains("/merged ", StringComparison.Ordinal))
            ?.Split(' ')[^1].Split(',') ?? [];
        if (!options.Contains("redirect_dir=on") || options.Contains("userxattr"))
        {
            return $"The kernel mounted the overlay without redirects: {string.Join(',', options)}.";
        }
        var renamed = Path.Combine(overlay, "upper", "renamed");
        using var upper = Directory.Exists(renamed) ? Fd.OpenDirectory(renamed) : null;
        if (upper is null || Xattrs.Look(upper, OverlayMarks.Trusted).Redirect is not { Length: > 0 })
        {
            return "A renamed directory was copied in place of being redirected.";
        }
        if (links)
        {
            using var lower = Fd.OpenDirectory(Path.Combine(overlay, "lower"));
            return OverlayLinkIndex.Inodes(Path.Combine(overlay, "work"), lower).Contains(lower.StatAt("twin").Ino)
                ? null
                : $"The kernel keeps no index of hard links, or not one that can be read: {string.Join(',', options)}.";
        }
        return null;
    }

    /// <summary>What this process may do, as a number.</summary>
    internal static string Capabilities() =>
        File.ReadLines("/proc/self/status").FirstOrDefault(l => l.StartsWith("CapEff:", StringComparison.Ordinal))?[7..].Trim() ?? "";
}
