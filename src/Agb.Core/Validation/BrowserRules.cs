using System.Text.RegularExpressions;

namespace Agb;

/// <summary>The rules for the options of browsers, checked before anything changes.</summary>
public static partial class BrowserRules
{
    /// <summary>The maximum of a size in pixels.</summary>
    public const int MaxPixels = 16_384;

    /// <summary>The maximum number of languages, extensions or arguments.</summary>
    public const int MaxItems = 64;

    /// <summary>The maximum number of characters in a text of an option.</summary>
    public const int MaxTextLength = 4096;

    private static readonly string[] s_proxySchemes = ["http", "https", "socks4", "socks5"];

    private static readonly string[] s_pageSchemes = ["about", "chrome", "data", "file", "http", "https"];

    // They would open the browser's sandbox, move its profile or its DevTools, or let another program take its place.
    private static readonly string[] s_refusedArguments =
    [
        "allow-sandbox-debugging", "browser-subprocess-path", "disable-gpu-sandbox", "disable-namespace-sandbox", "disable-seccomp-filter-sandbox",
        "disable-setuid-sandbox", "gpu-launcher", "headless", "no-sandbox", "no-startup-window", "no-zygote", "no-zygote-sandbox", "ppapi-plugin-launcher",
        "profile-directory", "renderer-cmd-prefix", "service-sandbox-type", "silent-launch", "single-process", "type", "user-data-dir", "utility-cmd-prefix",
        "version", "product-version", "help", "dump-dom", "screenshot", "print-to-pdf", "repl",
    ];

    /// <summary>Checks a request for a browser and returns it with normal paths.</summary>
    /// <exception cref="AgbException">InvalidBrowserOption.</exception>
    public static AgbBrowserRequest Browser(AgbBrowserRequest request)
    {
        if (!Enum.IsDefined(request.Type))
        {
            throw Invalid("type", request.Type, string.Join(" or ", Enum.GetNames<AgbBrowserType>()));
        }
        Size("viewport", request.Viewport);
        Size("screen", request.Screen);
        if (request is { Viewport: { } viewport, Screen: { } screen } && (viewport.Width > screen.Width || viewport.Height > screen.Height))
        {
            throw Invalid("viewport", viewport, $"at most the size of the screen, {screen}");
        }
        Text("user agent", request.UserAgent);
        Languages(request.Languages);
        if (request.TimeZone is { } zone && (zone.Length > 64 || !TimeZonePattern().IsMatch(zone)))
        {
            throw Invalid("time zone", zone, "a name such as Europe/Berlin");
        }
        Proxy(request.Proxy);
        Page(request.StartUrl);
        Arguments(request);
        return request with { Extensions = Extensions(request.Extensions), DownloadDirectory = request.DownloadDirectory is { } path ? Path("download directory", path) : null };
    }

    private static void Size(string option, AgbPixelSize? size)
    {
        if (size is { } given && (given.Width is < 1 or > MaxPixels || given.Height is < 1 or > MaxPixels))
        {
            throw Invalid(option, given, $"1 to {MaxPixels} pixels each way");
        }
    }

    private static void Text(string option, string? text)
    {
        if (text is null)
        {
            return;
        }
        if (string.IsNullOrWhiteSpace(text) || text.Length > MaxTextLength || text.Any(char.IsControl))
        {
            throw Invalid(option, text.Length > 60 ? text[..60] + "..." : text, $"1 to {MaxTextLength} characters on one line");
        }
    }

    private static string Path(string option, string? path)
    {
        Text(option, path ?? "");
        try
        {
            return LinuxPath.Normalize(path!, option);
        }
        catch (AgbException e)
        {
            throw AgbErrors.Invalid(AgbErrorIds.InvalidBrowserOption, $"The browser option '{option}' is not valid: {e.Message}", e.Remedy, e.Target);
        }
    }

    private static void Languages(IReadOnlyList<string> languages)
    {
        Count("languages", languages);
        foreach (var language in languages)
        {
            if (language is null || language.Length > 35 || !LanguagePattern().IsMatch(language))
            {
                throw Invalid("languages", language, "tags such as de-DE");
            }
        }
        if (languages.Distinct(StringComparer.OrdinalIgnoreCase).Count() < languages.Count)
        {
            throw Invalid("languages", string.Join(", ", languages), "each language once");
        }
    }

    private static void Proxy(AgbBrowserProxy? proxy)
    {
        if (proxy is null)
        {
            return;
        }
        // First, and in any other text too. No message holds the value: it may have a password.
        if (proxy.Server?.Contains('@') == true)
        {
            throw AgbErrors.Invalid(
                AgbErrorIds.InvalidBrowserOption, "The browser option 'proxy' holds a user or a password, and browsers take none by their options.",
                "Use a proxy without a log-in, or run one in the session that logs in at the other.");
        }
        if (!Uri.TryCreate(proxy.Server, UriKind.Absolute, out var uri) || !s_proxySchemes.Contains(uri.Scheme) || uri.Host.Length == 0
            || proxy.Server.Length > MaxTextLength || proxy.Server.Any(char.IsControl) || uri.PathAndQuery.Trim('/').Length > 0 || uri.Fragment.Length > 0)
        {
            throw AgbErrors.Invalid(
                AgbErrorIds.InvalidBrowserOption, "The browser option 'proxy' is not the address of a proxy; expected http://host:port, https://, socks4:// or socks5://.");
        }
        Text("proxy bypass", proxy.Bypass);
    }

    private static void Page(string? url)
    {
        Text("start URL", url);
        if (url is not null && (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || !s_pageSchemes.Contains(uri.Scheme)))
        {
            throw Invalid("start URL", url, "an absolute URL such as https://example.com/");
        }
    }

    private static IReadOnlyList<string> Extensions(IReadOnlyList<string> extensions)
    {
        Count("extensions", extensions);
        var paths = extensions.Select(e => Path("extensions", e)).ToArray();
        // The browser's list of extensions is separated by commas.
        return Array.Find(paths, p => p.Contains(',')) is { } comma ? throw Invalid("extensions", comma, "a path without a comma") : paths;
    }

    private static void Arguments(AgbBrowserRequest request)
    {
        Count("arguments", request.Arguments);
        foreach (var argument in request.Arguments)
        {
            Text("arguments", argument ?? "");
            if (!ArgumentPattern().IsMatch(argument!))
            {
                throw Invalid("arguments", argument, "--name or --name=value, in small letters");
            }
            var name = NameOf(argument!);
            if (s_refusedArguments.Contains(name) || name.StartsWith("remote-", StringComparison.Ordinal))
            {
                throw AgbErrors.Invalid(
                    AgbErrorIds.InvalidBrowserOption,
                    $"The browser option 'arguments' has --{name}; arguments for the browser's sandbox, profile, processes and DevTools are the session's own.",
                    "Leave it out.", argument);
            }
            if (OptionOf(request, name) is { } option)
            {
                throw AgbErrors.Invalid(
                    AgbErrorIds.InvalidBrowserOption, $"The browser options 'arguments' (--{name}) and '{option}' set the same.", "Give one of them.", argument);
            }
        }
    }

    /// <summary>The name of an argument, without dashes and value.</summary>
    public static string NameOf(string argument) => argument[2..].Split('=', 2)[0];

    private static string? OptionOf(AgbBrowserRequest request, string name) => name switch
    {
        "window-size" or "start-maximized" or "kiosk" when request.Viewport is not null => "viewport",
        "screen-info" or "ozone-override-screen-size" when request.Screen is not null => "screen",
        "user-agent" when request.UserAgent is not null => "user agent",
        "user-agent" when request.Stealth => "stealth",
        "accept-lang" when request.Languages.Count > 0 => "languages",
        "proxy-server" or "proxy-bypass-list" or "proxy-pac-url" or "no-proxy-server" or "proxy-auto-detect" when request.Proxy is not null => "proxy",
        // Zips of the session may be loaded too.
        "load-extension" or "disable-extensions" or "disable-extensions-except" => "extensions",
        _ => null,
    };

    private static void Count<T>(string option, IReadOnlyList<T> items)
    {
        if (items.Count > MaxItems)
        {
            throw Invalid(option, $"{items.Count} items", $"at most {MaxItems}");
        }
    }

    private static AgbException Invalid(string option, object? value, string expected) => AgbErrors.Invalid(
        AgbErrorIds.InvalidBrowserOption, $"The browser option '{option}' is '{value}'; expected {expected}.", target: value);

    [GeneratedRegex(@"^[A-Za-z0-9_+\-]+(/[A-Za-z0-9_+\-]+){0,3}\z")]
    private static partial Regex TimeZonePattern();

    [GeneratedRegex(@"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,3}\z")]
    private static partial Regex LanguagePattern();

    [GeneratedRegex(@"^--[a-z0-9][a-z0-9-]*(=.*)?\z")]
    private static partial Regex ArgumentPattern();
}
