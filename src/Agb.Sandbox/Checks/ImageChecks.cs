namespace Agb.Sandbox;

/// <summary>Checks of the host for the browser and the desktop of sessions.</summary>
internal static class ImageChecks
{
    private const string Fonts = "/usr/share/fonts";

    /// <summary>The rows. None of them keeps other sessions from running.</summary>
    public static IEnumerable<AgbHostCheck> Run()
    {
        var images = ImageCatalog.BuiltIn.Images;
        yield return OwnNetwork.Missing() is { } reason
            ? Degraded("own network", $"{reason} Browsers and desktops need it.", OwnNetwork.Remedy())
            : Ok("own network", "Sessions can have a network of their own.");
        yield return Check("browser", images.First(i => i is { HasBrowser: true, HasDesktop: false }));
        yield return Check("desktop", images.First(i => i.HasDesktop));
        yield return HasWideFonts()
            ? Ok("fonts", "Fonts for Chinese, Japanese, Korean and emoji are installed.")
            : Degraded(
                "fonts", "No font for Chinese, Japanese, Korean or emoji: browsers and desktops show boxes.",
                "Install such fonts: on Debian the packages fonts-noto-cjk and fonts-noto-color-emoji.");
    }

    private static AgbHostCheck Check(string name, AgbImage image) => ImageNeeds.Missing(image) is { Count: > 0 } missing
        ? Degraded(name, $"Sessions of '{image.ImageId}' have no {name}: missing are {string.Join(", ", missing)}.", HostPackages.Remedy(missing))
        : Ok(name, $"Sessions of '{image.ImageId}' have a {name}.");

    private static bool HasWideFonts() => Directory.Exists(Fonts)
        && Directory.EnumerateFiles(Fonts, "*CJK*", SearchOption.AllDirectories).Any()
        && Directory.EnumerateFiles(Fonts, "*Emoji*", SearchOption.AllDirectories).Any();

    private static AgbHostCheck Ok(string name, string detail) => new() { Name = name, Status = AgbHostCheckStatus.Ok, Detail = detail };

    private static AgbHostCheck Degraded(string name, string detail, string remedy) =>
        new() { Name = name, Status = AgbHostCheckStatus.Degraded, Detail = detail, Remedy = remedy };
}
