using System.Text.Json.Nodes;

namespace Agb.Protocol;

/// <summary>The options of browser/init, sent as JSON in the query.</summary>
public static class BrowserOptionJson
{
    /// <summary>Reads options of any client.</summary>
    /// <param name="json">The JSON object; null or empty for none.</param>
    /// <exception cref="AgbException">InvalidRequest; InvalidBrowserOption, with the option.</exception>
    public static AgbBrowserRequest Read(string? json) => BrowserOptionReader.Read(WireReader.ReadObject(json, "browserOption"));

    /// <summary>Writes options. Only an Agb server takes <c>timeZone</c>, <c>downloadDirectory</c>, <c>extensions</c> and a proxy's <c>bypass</c>.</summary>
    public static string Write(AgbBrowserRequest request)
    {
        var options = new JsonObject
        {
            ["useStealth"] = request.Stealth,
            ["browserType"] = request.Type == AgbBrowserType.Chrome ? "chrome" : "chromium",
        };
        Add(options, "userAgent", request.UserAgent);
        Add(options, "viewport", Size(request.Viewport));
        Add(options, "screen", Size(request.Screen));
        Add(options, "fingerprint", request.Languages.Count == 0 ? null : new JsonObject { ["locales"] = Texts(request.Languages) });
        Add(options, "timeZone", request.TimeZone);
        Add(options, "downloadDirectory", request.DownloadDirectory);
        Add(options, "extensions", request.Extensions.Count == 0 ? null : Texts(request.Extensions));
        Add(options, "cmdArgs", request.Arguments.Count == 0 ? null : Texts(request.Arguments));
        Add(options, "defaultNavigateUrl", request.StartUrl);
        if (request.Proxy is { } proxy)
        {
            var entry = new JsonObject { ["type"] = "custom", ["server"] = proxy.Server };
            Add(entry, "bypass", proxy.Bypass);
            options["proxies"] = new JsonArray(entry);
        }
        return options.ToJsonString();
    }

    private static void Add(JsonObject options, string name, JsonNode? value)
    {
        if (value is not null)
        {
            options[name] = value;
        }
    }

    private static JsonObject? Size(AgbPixelSize? size) =>
        size is { } given ? new JsonObject { ["width"] = given.Width, ["height"] = given.Height } : null;

    private static JsonArray Texts(IEnumerable<string> texts) => [.. texts.Select(t => JsonValue.Create(t))];
}
