namespace Agb.Sandbox;

/// <summary>What images need beyond the programs of every session: the browser, the desktop, and a network of a session's own.</summary>
internal static class ImageNeeds
{
    /// <summary>The folder of noVNC, for the live view of desktops.</summary>
    public const string NoVnc = "/usr/share/novnc";

    // The browser's own program: scripts around it ignore settings.
    private static readonly string[] s_browsers =
    [
        "/usr/lib/chromium/chromium", "/usr/lib/chromium-browser/chromium-browser", "/usr/lib64/chromium-browser/chromium-browser",
        "/usr/lib64/chromium/chromium", "/opt/google/chrome/chrome",
    ];

    private static readonly string[] s_desktop =
        ["Xvfb", "openbox", "xdotool", "wmctrl", "xprop", "xwininfo", "import", "x11vnc", "xterm", "mousepad", "pcmanfm"];

    private static readonly (AgbCodeLanguage Language, string Program)[] s_languages =
    [
        (AgbCodeLanguage.Python, "python3"), (AgbCodeLanguage.Javascript, "node"), (AgbCodeLanguage.Java, "java"), (AgbCodeLanguage.R, "Rscript"),
    ];

    /// <summary>The path of the browser's program in sessions of an image, or null.</summary>
    /// <param name="image">The image.</param>
    /// <param name="prefersChrome">Whether Google Chrome comes first.</param>
    public static string? Browser(AgbImage image, bool prefersChrome = false) =>
        (prefersChrome ? s_browsers.AsEnumerable().Reverse() : s_browsers).FirstOrDefault(p => File.Exists(OnHost(image, p)));

    /// <summary>The programs missing for an image's browser and desktop; the browser's is named <c>chromium</c>.</summary>
    public static IReadOnlyList<string> Missing(AgbImage image)
    {
        var missing = new List<string>();
        if (image.HasBrowser || image.HasDesktop)
        {
            missing.AddRange(OwnNetwork.MissingPrograms());
        }
        if (image.HasBrowser && Browser(image) is null)
        {
            missing.Add("chromium");
        }
        if (image.HasDesktop)
        {
            missing.AddRange(s_desktop.Where(p => !HasProgram(image, p)));
            if (!Directory.Exists(NoVnc))
            {
                missing.Add("novnc");
            }
        }
        return missing;
    }

    /// <summary>An image with what its sessions offer on this host.</summary>
    public static AgbImage Describe(AgbImage image)
    {
        var missing = Missing(image);
        return image with
        {
            Languages = [.. s_languages.Where(l => HasProgram(image, l.Program)).Select(l => l.Language)],
            Missing = missing,
            Remedy = missing.Count == 0 ? null : HostPackages.Remedy(missing),
        };
    }

    /// <summary>Requires what an image needs.</summary>
    /// <param name="image">The image.</param>
    /// <param name="what">The part in question, for the message, as <c>a browser</c>.</param>
    /// <exception cref="AgbException">HostNotReady, with all missing programs.</exception>
    public static void Require(AgbImage image, string what)
    {
        if (Missing(image) is { Count: > 0 } missing)
        {
            throw new AgbException(
                AgbErrorIds.HostNotReady, AgbErrorKind.HostNotReady,
                $"This host lacks programs needed by {what} in sessions of the image '{image.ImageId}': {string.Join(", ", missing)}.",
                HostPackages.Remedy(missing), image.ImageId);
        }
    }

    private static bool HasProgram(AgbImage image, string name) =>
        SessionEnvironment.SearchPath.Any(d => Path.Exists(OnHost(image, $"{d}/{name}")));

    // Links of Debian's alternatives are absolute: a broken one is enough here.
    private static string OnHost(AgbImage image, string path) => image.Root == "/" ? path : image.Root + path;
}
