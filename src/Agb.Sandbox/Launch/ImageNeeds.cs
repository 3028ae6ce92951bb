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

    /// <summary>The programs missing for an image's browser and desktop, and for their network; the browser's is named
    /// <c>chromium</c>.</summary>
    public static IReadOnlyList<string> Missing(AgbImage image) =>
    [
        .. image.HasBrowser || image.HasDesktop ? OwnNetwork.MissingPrograms() : [],
        .. image.HasBrowser && Browser(image) is null ? (string[])["chromium"] : [],
        .. image.HasDesktop ? MissingOfDesktop(image) : [],
        .. image.HasDesktop && !Directory.Exists(NoVnc) ? (string[])["novnc"] : [],
    ];

    /// <summary>An image with what its sessions offer on this host.</summary>
    public static AgbImage Describe(AgbImage image)
    {
        var programs = Missing(image);
        // With its programs there, the network may lack its device.
        var lacksDevice = programs.Count == 0 && (image.HasBrowser || image.HasDesktop) && OwnNetwork.Missing() is not null;
        return image with
        {
            Languages = [.. s_languages.Where(l => HasProgram(image, l.Program)).Select(l => l.Language)],
            Missing = lacksDevice ? [OwnNetwork.Device] : programs,
            Remedy = lacksDevice ? OwnNetwork.Remedy() : programs.Count == 0 ? null : HostPackages.Remedy(programs),
        };
    }

    /// <summary>The path of the browser's program in sessions of an image.</summary>
    /// <exception cref="AgbException">HostNotReady.</exception>
    public static string RequireBrowser(AgbImage image, bool prefersChrome) =>
        Browser(image, prefersChrome) ?? throw NotReady(image, "a browser", ["chromium"]);

    /// <summary>Requires the programs of an image's desktop.</summary>
    /// <exception cref="AgbException">HostNotReady, with all missing programs.</exception>
    public static void RequireDesktop(AgbImage image)
    {
        if (MissingOfDesktop(image) is { Count: > 0 } missing)
        {
            throw NotReady(image, "a desktop", missing);
        }
    }

    private static IReadOnlyList<string> MissingOfDesktop(AgbImage image) => [.. s_desktop.Where(p => !HasProgram(image, p))];

    private static AgbException NotReady(AgbImage image, string what, IReadOnlyList<string> missing) => new(
        AgbErrorIds.HostNotReady, AgbErrorKind.HostNotReady,
        $"This host lacks programs needed by {what} in sessions of the image '{image.ImageId}': {string.Join(", ", missing)}.",
        HostPackages.Remedy(missing), image.ImageId);

    private static bool HasProgram(AgbImage image, string name) =>
        SessionEnvironment.SearchPath.Any(d => Path.Exists(OnHost(image, $"{d}/{name}")));

    // Links of Debian's alternatives are absolute: a broken one is enough here.
    private static string OnHost(AgbImage image, string path) => image.Root == "/" ? path : image.Root + path;
}
