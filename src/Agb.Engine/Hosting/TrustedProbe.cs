using System.Text;
using Agb.Engine.Native;

namespace Agb.Engine.Hosting;

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

    /// <summary>Looks at what the script left.</summary>
    /// <param name="overlay">The directory that holds the upper one.</param>
    /// <param name="mountInfo">What the script read of its mounts.</param>
    /// <returns>What does not hold, or null.</returns>
    internal static string? Examine(string overlay, byte[] mountInfo)
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
        return upper is not null && Xattrs.Look(upper, OverlayMarks.Trusted).Redirect is { Length: > 0 }
            ? null
            : "A renamed directory was copied in place of being redirected.";
    }

    /// <summary>What this process may do, as a number.</summary>
    internal static string Capabilities() =>
        File.ReadLines("/proc/self/status").FirstOrDefault(l => l.StartsWith("CapEff:", StringComparison.Ordinal))?[7..].Trim() ?? "";
}
