namespace Agb;

/// <summary>The kind of a session's browser.</summary>
public enum AgbBrowserType
{
    /// <summary>Chromium, as installed.</summary>
    Chromium,

    /// <summary>The browser under Chrome's name. The same Chromium where the host has no Google Chrome.</summary>
    Chrome,
}

/// <summary>A size in pixels.</summary>
/// <param name="Width">1 to 16,384.</param>
/// <param name="Height">1 to 16,384.</param>
public readonly record struct AgbPixelSize(int Width, int Height)
{
    /// <summary>Reads a size such as 1280x720.</summary>
    /// <exception cref="FormatException">The text is no size.</exception>
    public static AgbPixelSize Parse(string text) =>
        text.Split('x', 'X') is [var width, var height]
        && int.TryParse(width, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var w)
        && int.TryParse(height, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var h)
            ? new AgbPixelSize(w, h)
            : throw new FormatException($"'{text}' is no size in pixels; expected width and height, such as 1280x720.");

    /// <inheritdoc/>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Width}x{Height}");
}

/// <summary>A proxy of a browser.</summary>
/// <param name="Server">The address: <c>http://host:port</c>, <c>https://</c>, <c>socks4://</c> or <c>socks5://</c>; without a user.</param>
public sealed record AgbBrowserProxy(string Server)
{
    /// <summary>Hosts reached directly, in Chromium's form, separated by semicolons; null for none.</summary>
    public string? Bypass { get; init; }
}

/// <summary>Options for the start of a browser. Unset ones are the browser's own.</summary>
public sealed record AgbBrowserRequest
{
    /// <summary>The profile directory of every browser in a session. A context there keeps log-ins.</summary>
    public const string ProfileDirectory = "/tmp/agb_browser_data";

    /// <summary>The directory searched for extensions: zip files, and directories with a manifest.json.</summary>
    public const string ExtensionDirectory = "/tmp/extensions";

    /// <summary>The kind of browser.</summary>
    public AgbBrowserType Type { get; init; }

    /// <summary>The size of the page's visible part; null for the default.</summary>
    public AgbPixelSize? Viewport { get; init; }

    /// <summary>The size of the screen; null for the default.</summary>
    public AgbPixelSize? Screen { get; init; }

    /// <summary>The user agent; null for the browser's own.</summary>
    public string? UserAgent { get; init; }

    /// <summary>The languages in order of preference, as <c>de-DE</c>; empty for the browser's own.</summary>
    public IReadOnlyList<string> Languages { get; init; } = [];

    /// <summary>The time zone, as <c>Europe/Berlin</c>; null for the session's.</summary>
    public string? TimeZone { get; init; }

    /// <summary>The absolute directory for downloads, made when missing; null for the browser's own, <c>Downloads</c> in the home.</summary>
    public string? DownloadDirectory { get; init; }

    /// <summary>Whether to hide the marks of an automated browser: <c>navigator.webdriver</c> and the word Headless.</summary>
    public bool Stealth { get; init; }

    /// <summary>The proxy; null for none.</summary>
    public AgbBrowserProxy? Proxy { get; init; }

    /// <summary>Directories or zip files of extensions, as paths in the session. Zips and directories with a manifest.json in
    /// <see cref="ExtensionDirectory"/> are loaded without being named.</summary>
    public IReadOnlyList<string> Extensions { get; init; } = [];

    /// <summary>The first page; null for about:blank.</summary>
    public string? StartUrl { get; init; }

    /// <summary>Further arguments of the browser, each beginning with <c>--</c>. Those that would open its sandbox, its profile or
    /// its DevTools are refused.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];
}

/// <summary>A running browser of a session.</summary>
public sealed record AgbBrowser : AgbObject
{
    /// <summary>The session.</summary>
    public required string SessionId { get; init; }

    /// <summary>The address for CDP clients (<c>ws://...</c>): complete, and valid for restarts of the browser too. It holds a
    /// secret: whoever has it controls the browser.</summary>
    public required string Endpoint { get; init; }

    /// <summary>Name and version of the browser, as <c>Chrome/156.0.1</c>; empty where the service does not say.</summary>
    public string Version { get; init; } = "";

    /// <summary>The loaded extensions: their directories in the session.</summary>
    public IReadOnlyList<string> Extensions { get; init => field = Indexable.List(value); } = Indexable.List<string>([]);

    /// <inheritdoc/>
    public override string ToString() => Endpoint;
}

/// <summary>A page of a session's browser.</summary>
public sealed record AgbBrowserPage : AgbObject
{
    /// <summary>The session.</summary>
    public required string SessionId { get; init; }

    /// <summary>The id in the browser: the id of the CDP target.</summary>
    public required string PageId { get; init; }

    /// <summary>The title; the address for a page without one.</summary>
    public required string Title { get; init; }

    /// <summary>The address.</summary>
    public required string Url { get; init; }

    /// <summary>Whether the page is in front of its window.</summary>
    public bool IsActive { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Url;
}
