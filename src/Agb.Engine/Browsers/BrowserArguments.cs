namespace Agb.Engine;

/// <summary>The command line of a browser.</summary>
internal static class BrowserArguments
{
    // The height of tab strip and address bar around a page of a headless window.
    private const int HeadlessFrame = 87;

    private static readonly AgbPixelSize s_screen = new(1920, 1080);

    // Features that call servers of the browser's maker, or ask the user.
    private const string QuietFeatures =
        "AutofillServerCommunication,CertificateTransparencyComponentUpdater,InterestFeedContentSuggestions,MediaRouter,OptimizationHints,Translate";

    private static readonly string[] s_always =
    [
        $"--remote-debugging-port={DevTools.Port.ToString(CultureInfo.InvariantCulture)}", "--remote-debugging-address=127.0.0.1",
        $"--user-data-dir={AgbBrowserRequest.ProfileDirectory}",
        "--no-first-run", "--no-default-browser-check", "--disable-background-networking", "--disable-component-update", "--disable-default-apps",
        "--disable-domain-reliability", "--disable-sync", "--disable-breakpad", "--disable-client-side-phishing-detection", "--disable-search-engine-choice-screen",
        "--metrics-recording-only", "--no-pings", "--password-store=basic", "--hide-crash-restore-bubble", "--force-device-scale-factor=1",
    ];

    /// <summary>Builds the arguments behind the program.</summary>
    /// <param name="request">The valid options.</param>
    /// <param name="userAgent">The user agent, or null for the browser's own.</param>
    /// <param name="extensions">The directories of the extensions.</param>
    /// <param name="isHeaded">Whether the browser shows its windows on a desktop.</param>
    internal static IReadOnlyList<string> Build(AgbBrowserRequest request, string? userAgent, IReadOnlyList<string> extensions, bool isHeaded)
    {
        List<string> arguments = [.. s_always];
        Windows(arguments, request, isHeaded);
        Add(arguments, "--user-agent", userAgent);
        Add(arguments, "--accept-lang", request.Languages.Count == 0 ? null : string.Join(',', request.Languages));
        Add(arguments, "--proxy-server", request.Proxy?.Server.TrimEnd('/'));
        Add(arguments, "--proxy-bypass-list", request.Proxy?.Bypass);
        Add(arguments, "--load-extension", extensions.Count == 0 ? null : string.Join(',', extensions));
        // The last list of features wins, so there is one.
        const string Disable = "--disable-features=";
        var disabled = request.Arguments.Where(a => a.StartsWith(Disable, StringComparison.Ordinal)).Select(a => a[Disable.Length..]);
        arguments.Add(Disable + string.Join(',', disabled.Where(d => d.Length > 0).Prepend(QuietFeatures)));
        arguments.AddRange(request.Arguments.Where(a => !a.StartsWith(Disable, StringComparison.Ordinal)));
        arguments.Add("about:blank");
        return arguments;
    }

    private static void Windows(List<string> arguments, AgbBrowserRequest request, bool isHeaded)
    {
        var frame = isHeaded ? 0 : HeadlessFrame;
        AgbPixelSize? window = request.Viewport is { } viewport ? viewport with { Height = viewport.Height + frame } : isHeaded ? null : request.Screen ?? s_screen;
        if (window is { } size)
        {
            arguments.Add(string.Create(CultureInfo.InvariantCulture, $"--window-size={size.Width},{size.Height}"));
        }
        if (isHeaded)
        {
            return;
        }
        var screen = request.Screen ?? new AgbPixelSize(Math.Max(s_screen.Width, window!.Value.Width), Math.Max(s_screen.Height, window.Value.Height));
        // Scroll bars would make pictures of whole pages narrower.
        arguments.AddRange(["--headless=new", "--hide-scrollbars", $"--screen-info={{{screen}}}"]);
    }

    private static void Add(List<string> arguments, string name, string? value)
    {
        if (value is not null)
        {
            arguments.Add($"{name}={value}");
        }
    }
}
