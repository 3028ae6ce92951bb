namespace Agb.Protocol;

/// <summary>Reads the options of browser/init. What they ask for and this browser can't be is an error, never ignored.</summary>
internal static class BrowserOptionReader
{
    /// <summary>Reads the options.</summary>
    /// <exception cref="AgbException">InvalidBrowserOption, with the option.</exception>
    internal static AgbBrowserRequest Read(JsonElement options)
    {
        var request = new AgbBrowserRequest();
        foreach (var option in options.EnumerateObject())
        {
            if (option.Value.ValueKind != JsonValueKind.Null)
            {
                request = Apply(request, option.Name, option.Value);
            }
        }
        return request;
    }

    private static AgbBrowserRequest Apply(AgbBrowserRequest request, string name, JsonElement value) => name switch
    {
        "useStealth" => request with { Stealth = Flag(name, value) },
        "userAgent" => request with { UserAgent = Text(name, value) },
        "viewport" => request with { Viewport = Size(name, value) },
        "screen" => request with { Screen = Size(name, value) },
        "browserType" => request with { Type = TypeOf(name, value) },
        "defaultNavigateUrl" => request with { StartUrl = Text(name, value) },
        "cmdArgs" => request with { Arguments = Texts(name, value) },
        "proxies" => request with { Proxy = Proxy(name, value) },
        "fingerprint" => Fingerprint(request, name, value),
        "extensionPath" => Text(name, value).TrimEnd('/') == AgbBrowserRequest.ExtensionDirectory
            ? request
            : throw Wrong(name, value, $"{AgbBrowserRequest.ExtensionDirectory}/, whose zips and unpacked directories are loaded"),
        // Of Agb's own clients.
        "timeZone" => request with { TimeZone = Text(name, value) },
        "downloadDirectory" => request with { DownloadDirectory = Text(name, value) },
        "extensions" => request with { Extensions = Texts(name, value) },
        "solveCaptchas" => Flag(name, value) ? throw Unmet(name, "this browser solves no captchas") : request,
        "behaviorSimulate" => Flag(name, value) ? throw Unmet(name, "this browser simulates no behaviour of people") : request,
        "fingerprintRawData" => throw Unmet(name, "this browser takes no other one's fingerprint; user agent, languages, viewport, screen and time zone can be set"),
        "fingerprintPersistPath" => throw Unmet(name, "this browser makes no fingerprint that could be kept"),
        _ => throw AgbErrors.Invalid(AgbErrorIds.InvalidBrowserOption, $"There is no browser option '{name}'.", "See docs/protocol.md for the options.", name),
    };

    // The members list what is acceptable: one of them that holds is enough.
    private static AgbBrowserRequest Fingerprint(AgbBrowserRequest request, string name, JsonElement value)
    {
        foreach (var member in Members(name, value))
        {
            var full = $"{name}.{member.Name}";
            var wanted = Texts(full, member.Value);
            switch (member.Name)
            {
                case "locales":
                    request = request with { Languages = wanted };
                    break;
                case "devices" or "operatingSystems":
                    var own = member.Name == "devices" ? "desktop" : "linux";
                    if (wanted.Count > 0 && !wanted.Contains(own))
                    {
                        throw Wrong(full, member.Value, $"{own}, which this browser is");
                    }
                    break;
                default:
                    throw AgbErrors.Invalid(AgbErrorIds.InvalidBrowserOption, $"There is no browser option '{full}'.", "See docs/protocol.md for the options.", full);
            }
        }
        return request;
    }

    private static AgbBrowserProxy? Proxy(string name, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() > 1)
        {
            throw Wrong(name, value, "an array of at most one proxy");
        }
        if (value.GetArrayLength() == 0)
        {
            return null;
        }
        string? server = null, bypass = null;
        foreach (var member in Members(name, value[0]))
        {
            var full = $"{name}.{member.Name}";
            switch (member.Name)
            {
                case "type":
                    _ = Text(full, member.Value) == "custom" ? true : throw Wrong(full, member.Value, "custom; this server has no proxies of its own");
                    break;
                case "server":
                    server = Text(full, member.Value);
                    break;
                case "bypass":
                    bypass = Text(full, member.Value);
                    break;
                case "username" or "password":
                    // The value is a secret.
                    throw Unmet(full, "browsers take no log-in for a proxy by their options");
                default:
                    throw AgbErrors.Invalid(AgbErrorIds.InvalidBrowserOption, $"There is no browser option '{full}'.", "See docs/protocol.md for the options.", full);
            }
        }
        return server is null
            ? throw Wrong(name, value, "a proxy with a server")
            : new AgbBrowserProxy(server.Contains("://", StringComparison.Ordinal) ? server : "http://" + server) { Bypass = bypass };
    }

    private static AgbPixelSize Size(string name, JsonElement value)
    {
        int? width = null, height = null;
        foreach (var member in Members(name, value))
        {
            var number = member.Value.ValueKind == JsonValueKind.Number && member.Value.TryGetInt32(out var given) ? given : (int?)null;
            (width, height) = member.Name switch
            {
                "width" => (number, height),
                "height" => (width, number),
                _ => throw Wrong(name, value, "width and height"),
            };
        }
        return width is { } w && height is { } h ? new AgbPixelSize(w, h) : throw Wrong(name, value, "width and height as integers");
    }

    private static AgbBrowserType TypeOf(string name, JsonElement value) => Text(name, value) switch
    {
        "chrome" => AgbBrowserType.Chrome,
        "chromium" => AgbBrowserType.Chromium,
        _ => throw Wrong(name, value, "chrome or chromium"),
    };

    private static IEnumerable<JsonProperty> Members(string name, JsonElement value) => value.ValueKind == JsonValueKind.Object
        ? value.EnumerateObject().Where(m => m.Value.ValueKind != JsonValueKind.Null)
        : throw Wrong(name, value, "an object");

    private static bool Flag(string name, JsonElement value) =>
        value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw Wrong(name, value, "true or false");

    private static string Text(string name, JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? WireReader.ReadText(value) : throw Wrong(name, value, "a string");

    private static IReadOnlyList<string> Texts(string name, JsonElement value) => value.ValueKind == JsonValueKind.Array
        ? [.. value.EnumerateArray().Select(v => Text(name, v))]
        : throw Wrong(name, value, "an array of strings");

    private static AgbException Unmet(string name, string why) =>
        AgbErrors.Invalid(AgbErrorIds.InvalidBrowserOption, $"The browser option '{name}' can't be met: {why}.", "Leave it out.", name);

    private static AgbException Wrong(string name, JsonElement value, string expected)
    {
        const int Shown = 60;
        if (name.StartsWith("proxies", StringComparison.Ordinal) && name != "proxies.type")
        {
            // The value may hold a password.
            return AgbErrors.Invalid(AgbErrorIds.InvalidBrowserOption, $"The browser option '{name}' is not valid; expected {expected}.", target: name);
        }
        var text = value.GetRawText();
        return AgbErrors.Invalid(
            AgbErrorIds.InvalidBrowserOption, $"The browser option '{name}' is {(text.Length > Shown ? text[..Shown] + "..." : text)}; expected {expected}.", target: name);
    }
}
