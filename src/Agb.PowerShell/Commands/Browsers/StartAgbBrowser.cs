namespace Agb.PowerShell.Commands;

/// <summary><c>Start-AgbBrowser</c>: starts the browser of sessions.</summary>
[Cmdlet(VerbsLifecycle.Start, "AgbBrowser", SupportsShouldProcess = true)]
[OutputType(typeof(AgbBrowser))]
public sealed class StartAgbBrowserCommand : AgbSessionCmdlet
{
    private AgbBrowserRequest _request = new();

    /// <summary>The first page.</summary>
    [Parameter(Position = 0, HelpMessage = "The address of the first page. Default: about:blank.")]
    [Alias("Url")]
    [Text]
    public string? StartUrl { get; set; }

    /// <summary>The size of the page's visible part.</summary>
    [Parameter(HelpMessage = "The size of the page's visible part in pixels, such as 1280x720.")]
    public AgbPixelSize? Viewport { get; set; }

    /// <summary>The size of the screen.</summary>
    [Parameter(HelpMessage = "The size of the screen in pixels, such as 1920x1080.")]
    public AgbPixelSize? Screen { get; set; }

    /// <summary>The user agent.</summary>
    [Parameter(HelpMessage = "The user agent in place of the browser's own.")]
    public string? UserAgent { get; set; }

    /// <summary>The languages.</summary>
    [Parameter(HelpMessage = "The languages in order of preference, such as de-DE, en.")]
    [Alias("Locale")]
    public string[] Language { get; set; } = [];

    /// <summary>The time zone.</summary>
    [Parameter(HelpMessage = "The time zone of pages, such as Europe/Berlin.")]
    public string? TimeZone { get; set; }

    /// <summary>The proxy.</summary>
    [Parameter(HelpMessage = "The proxy: http://host:port, https://, socks4:// or socks5://.")]
    public string? Proxy { get; set; }

    /// <summary>Hosts without the proxy.</summary>
    [Parameter(HelpMessage = "Hosts to reach without the proxy, such as localhost, *.example.com.")]
    public string[] ProxyBypass { get; set; } = [];

    /// <summary>The extensions.</summary>
    [Parameter(HelpMessage = "Extensions to load: directories or zip files in the session. Zip files in /tmp/extensions are loaded anyway.")]
    public string[] Extension { get; set; } = [];

    /// <summary>Whether to hide the marks of an automated browser.</summary>
    [Parameter(HelpMessage = "Hide the marks of an automated browser: navigator.webdriver, and Headless in the user agent.")]
    public SwitchParameter Stealth { get; set; }

    /// <summary>The kind of browser.</summary>
    [Parameter(HelpMessage = "The kind of browser: Chromium or Chrome. Default: Chromium.")]
    public AgbBrowserType Type { get; set; } = AgbBrowserType.Chromium;

    /// <summary>Further arguments of the browser.</summary>
    [Parameter(HelpMessage = "Further arguments of the browser, each beginning with --.")]
    public string[] ArgumentList { get; set; } = [];

    /// <inheritdoc/>
    protected override void BeginProcessing() => RequireValid(() =>
    {
        if (Proxy is null && ProxyBypass.Length > 0)
        {
            throw AgbErrors.Invalid(AgbErrorIds.InvalidBrowserOption, "-ProxyBypass is given without -Proxy.", "Give -Proxy too.");
        }
        _request = BrowserRules.Browser(new AgbBrowserRequest
        {
            Type = Type,
            Viewport = Viewport,
            Screen = Screen,
            UserAgent = UserAgent,
            Languages = Language,
            TimeZone = TimeZone,
            Stealth = Stealth,
            Proxy = Proxy is null ? null : new AgbBrowserProxy(Proxy) { Bypass = ProxyBypass.Length == 0 ? null : string.Join(';', ProxyBypass) },
            Extensions = Extension,
            StartUrl = StartUrl,
            Arguments = ArgumentList,
        });
    });

    /// <inheritdoc/>
    private protected override Func<IAgbService, CancellationToken, Task>? Plan(AgbSessionReference session) =>
        !ShouldProcess($"session '{session}'", "Start browser") ? null : async (service, token) => Emit(await CallAsync(
            service, $"start the browser of session '{session}'",
            () => Browsers(service).StartBrowserAsync(session.Id, _request, token)).ConfigureAwait(false));
}
