namespace Agb.Sandbox;

/// <summary>The part of the overlay probe for trusted marks. A kernel without them mounts the overlay without redirects.</summary>
internal static class TrustedProbe
{
    // In the merged directory, as the session's user. mv copies when rename(2) fails; the mark in the upper directory tells them apart.
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

    /// <summary>Examines the upper directory after the script.</summary>
    /// <param name="overlay">The parent of the upper directory.</param>
    /// <param name="mountInfo">The mountinfo read by the script.</param>
    /// <param name="links">Whether hard links were tried too.</param>
    /// <returns>The failed expectation, or null.</returns>
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
            return "A renamed directory was copied, not redirected.";
        }
        if (links)
        {
            using var lower = Fd.OpenDirectory(Path.Combine(overlay, "lower"));
            return OverlayLinkIndex.Inodes(Path.Combine(overlay, "work"), lower).Contains(lower.StatAt("twin").Ino)
                ? null
                : $"The kernel keeps no readable index of hard links: {string.Join(',', options)}.";
        }
        return null;
    }

    /// <summary>The effective capabilities of this process, as a number.</summary>
    internal static string Capabilities() =>
        File.ReadLines("/proc/self/status").FirstOrDefault(l => l.StartsWith("CapEff:", StringComparison.Ordinal))?[7..].Trim() ?? "";
}
