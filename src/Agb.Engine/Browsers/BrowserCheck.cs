using System.Text.Json;
using System.Text.Json.Nodes;

namespace Agb.Engine;

/// <summary>Checks a started browser against its options: an option counts if a page sees it.</summary>
/// <param name="socket">The browser.</param>
/// <param name="request">Its options.</param>
internal sealed class BrowserCheck(DevToolsSocket socket, AgbBrowserRequest request)
{
    private const int SizeLooks = 50;

    private const string Facts =
        """
        JSON.stringify({ width: innerWidth, height: innerHeight, screenWidth: screen.width, screenHeight: screen.height, userAgent: navigator.userAgent,
          languages: navigator.languages, webdriver: !!navigator.webdriver, zone: Intl.DateTimeFormat().resolvedOptions().timeZone })
        """;

    private static readonly TimeSpan s_sizePoll = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_loadLimit = TimeSpan.FromSeconds(15);

    /// <summary>Requires every option to be met, and opens the start URL.</summary>
    /// <exception cref="AgbException">InvalidBrowserOption, PageLoadFailed.</exception>
    /// <exception cref="System.Net.WebSockets.WebSocketException">Another program answers in the browser's place.</exception>
    internal async Task RequireAsync(IReadOnlyList<string> extensions, CancellationToken cancellationToken)
    {
        try
        {
            await RequireAllAsync(extensions, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (DevTools.IsForeign(e))
        {
            throw DevToolsSocket.Foreign(e);
        }
    }

    private async Task RequireAllAsync(IReadOnlyList<string> extensions, CancellationToken cancellationToken)
    {
        await RequireExtensionsAsync(extensions, cancellationToken).ConfigureAwait(false);
        if (!IsNeeded(request))
        {
            return;
        }
        var page = await FirstPageAsync(cancellationToken).ConfigureAwait(false);
        var attached = await socket.SendAsync(
            "Target.attachToTarget", new JsonObject { ["targetId"] = page, ["flatten"] = true }, null, cancellationToken).ConfigureAwait(false);
        var target = attached.GetProperty("sessionId").GetString()!;
        if (IsVisible(request))
        {
            await RequireVisibleAsync(page, target, cancellationToken).ConfigureAwait(false);
        }
        if (request.StartUrl is { } url)
        {
            await OpenAsync(url, target, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Whether a page has to be asked, or opened.</summary>
    internal static bool IsNeeded(AgbBrowserRequest request) => IsVisible(request) || request.StartUrl is not null;

    private static bool IsVisible(AgbBrowserRequest request) => request.Viewport is not null || request.Screen is not null || request.UserAgent is not null
        || request.Languages.Count > 0 || request.TimeZone is not null || request.Stealth;

    private async Task RequireExtensionsAsync(IReadOnlyList<string> wanted, CancellationToken cancellationToken)
    {
        if (wanted.Count == 0)
        {
            return;
        }
        var answer = await socket.SendAsync("Extensions.getExtensions", null, null, cancellationToken).ConfigureAwait(false);
        var loaded = answer.GetProperty("extensions").EnumerateArray().Where(e => e.GetProperty("enabled").GetBoolean())
            .Select(e => e.GetProperty("path").GetString()).ToHashSet(StringComparer.Ordinal);
        foreach (var missing in wanted.Where(w => !loaded.Contains(w)))
        {
            try
            {
                await socket.SendAsync("Extensions.loadUnpacked", new JsonObject { ["path"] = missing }, null, cancellationToken).ConfigureAwait(false);
            }
            catch (DevToolsException e)
            {
                throw BrowserErrors.Extension(missing, e.Message);
            }
        }
    }

    private async Task<string> FirstPageAsync(CancellationToken cancellationToken)
    {
        var targets = await socket.SendAsync("Target.getTargets", null, null, cancellationToken).ConfigureAwait(false);
        var page = targets.GetProperty("targetInfos").EnumerateArray().FirstOrDefault(t => t.GetProperty("type").GetString() == "page");
        if (page.ValueKind == JsonValueKind.Undefined)
        {
            page = await socket.SendAsync("Target.createTarget", new JsonObject { ["url"] = "about:blank" }, null, cancellationToken).ConfigureAwait(false);
        }
        return page.GetProperty("targetId").GetString()!;
    }

    private async Task RequireVisibleAsync(string page, string target, CancellationToken cancellationToken)
    {
        var facts = await FactsAsync(target, cancellationToken).ConfigureAwait(false);
        Require("screen", request.Screen, SizeOf(facts, "screenWidth", "screenHeight"), "The screen of a desktop is fixed.");
        Require("user agent", request.UserAgent, facts.GetProperty("userAgent").GetString());
        if (request.Stealth && (facts.GetProperty("webdriver").GetBoolean()
            || facts.GetProperty("userAgent").ToString().Contains("Headless", StringComparison.OrdinalIgnoreCase)))
        {
            throw BrowserErrors.Unmet("stealth", "no mark of an automated browser", "one");
        }
        var languages = string.Join(',', facts.GetProperty("languages").EnumerateArray().Select(l => l.GetString()));
        if (request.Languages.Count > 0 && !string.Equals(languages, string.Join(',', request.Languages), StringComparison.OrdinalIgnoreCase))
        {
            throw BrowserErrors.Unmet("languages", string.Join(',', request.Languages), languages);
        }
        if (request.TimeZone is { } zone)
        {
            // Zones have several names; the browser knows which are the same.
            var name = JsonValue.Create(zone).ToJsonString();
            var canonical = await EvaluateAsync(
                $"(() => {{ try {{ return Intl.DateTimeFormat('en', {{ timeZone: {name} }}).resolvedOptions().timeZone }} catch {{ return '' }} }})()",
                target, cancellationToken).ConfigureAwait(false);
            Require("time zone", canonical.GetString() is { Length: > 0 } known ? known : zone, facts.GetProperty("zone").GetString(), "Use a name such as Europe/Berlin.");
        }
        if (request.Viewport is { } viewport)
        {
            await FitAsync(viewport, page, target, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Gives the window the frame that the page's part needs. New pages take the window's size.</summary>
    private async Task FitAsync(AgbPixelSize wanted, string page, string target, CancellationToken cancellationToken)
    {
        var got = await SizeAsync(target, cancellationToken).ConfigureAwait(false);
        if (got == wanted)
        {
            return;
        }
        if (got.Width > wanted.Width || got.Height > wanted.Height)
        {
            // This window could be made smaller, but new ones would not be.
            throw BrowserErrors.Unmet("viewport", wanted, got, "The browser's windows have a least size; smaller pages are emulated by a client of DevTools.");
        }
        var window = await socket.SendAsync("Browser.getWindowForTarget", new JsonObject { ["targetId"] = page }, null, cancellationToken).ConfigureAwait(false);
        var bounds = window.GetProperty("bounds");
        var bigger = new JsonObject
        {
            ["width"] = bounds.GetProperty("width").GetInt32() + wanted.Width - got.Width,
            ["height"] = bounds.GetProperty("height").GetInt32() + wanted.Height - got.Height,
        };
        await socket.SendAsync(
            "Browser.setWindowBounds", new JsonObject { ["windowId"] = window.GetProperty("windowId").GetInt32(), ["bounds"] = bigger }, null, cancellationToken)
            .ConfigureAwait(false);
        for (var look = 0; got != wanted; look++)
        {
            if (look == SizeLooks)
            {
                throw BrowserErrors.Unmet("viewport", wanted, got, "A window is at most as large as the desktop.");
            }
            await Task.Delay(s_sizePoll, TimeProvider.System, cancellationToken).ConfigureAwait(false);
            got = await SizeAsync(target, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task OpenAsync(string url, string target, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_loadLimit);
        JsonElement answer;
        try
        {
            answer = await socket.SendAsync("Page.navigate", new JsonObject { ["url"] = url }, target, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // It goes on loading, as in any browser.
            return;
        }
        if (answer.TryGetProperty("errorText", out var error) && error.GetString() is { Length: > 0 } reason)
        {
            throw new AgbException(AgbErrorIds.PageLoadFailed, AgbErrorKind.Failed, $"The start URL '{url}' did not load: {reason}.", target: url);
        }
    }

    private async Task<AgbPixelSize> SizeAsync(string target, CancellationToken cancellationToken) =>
        SizeOf(await FactsAsync(target, cancellationToken).ConfigureAwait(false), "width", "height");

    private static AgbPixelSize SizeOf(JsonElement facts, string width, string height) =>
        new(facts.GetProperty(width).GetInt32(), facts.GetProperty(height).GetInt32());

    private async Task<JsonElement> FactsAsync(string target, CancellationToken cancellationToken)
    {
        var text = await EvaluateAsync(Facts, target, cancellationToken).ConfigureAwait(false);
        using var facts = JsonDocument.Parse(text.GetString()!);
        return facts.RootElement.Clone();
    }

    private async Task<JsonElement> EvaluateAsync(string script, string target, CancellationToken cancellationToken)
    {
        var answer = await socket.SendAsync(
            "Runtime.evaluate", new JsonObject { ["expression"] = script, ["returnByValue"] = true }, target, cancellationToken).ConfigureAwait(false);
        return answer.GetProperty("result").GetProperty("value");
    }

    private static void Require<T>(string option, T? wanted, object? got, string? remedy = null)
    {
        if (wanted is not null && !wanted.Equals(got))
        {
            throw BrowserErrors.Unmet(option, wanted, got ?? "none", remedy);
        }
    }
}
