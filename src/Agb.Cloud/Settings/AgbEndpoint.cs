namespace Agb.Cloud;

/// <summary>The endpoint of an AGB service.</summary>
public static class AgbEndpoint
{
    /// <summary>The AGB cloud's host.</summary>
    public const string Default = "sdk-api.agb.cloud";

    /// <summary>Reads an endpoint as the official SDKs do: an address with <c>http://</c> or <c>https://</c> is used unchanged,
    /// anything else is a host for https. A path is kept, and put before every path of the API.</summary>
    /// <param name="text">The endpoint, such as <c>sdk-api.agb.cloud</c> or <c>http://127.0.0.1:8765</c>.</param>
    /// <param name="what">The source for the error: <c>endpoint</c>, or the name of a variable.</param>
    /// <exception cref="AgbException">InvalidSetting.</exception>
    public static Uri Parse(string? text, string what = "endpoint")
    {
        var trimmed = text?.Trim() ?? "";
        if (trimmed.Length == 0)
        {
            throw CloudErrors.InvalidSetting(what, "is empty", Expected, text);
        }
        var address = HasScheme(trimmed) ? trimmed : "https://" + trimmed;
        // Errors must not repeat a password.
        if (Uri.TryCreate(address, UriKind.Absolute, out var parsed) && parsed.UserInfo.Length > 0)
        {
            throw CloudErrors.InvalidSetting(what, "holds a user name or password", "no credentials but the API key", null);
        }
        if (parsed is null || parsed.Scheme is not ("http" or "https") || parsed.Host.Length == 0)
        {
            throw CloudErrors.InvalidSetting(what, $"is '{trimmed}'", Expected, text);
        }
        if (parsed.Query.Length > 0 || parsed.Fragment.Length > 0)
        {
            throw CloudErrors.InvalidSetting(what, $"is '{trimmed}'", "an address without '?' and '#'", text);
        }
        return new Uri(parsed.GetLeftPart(UriPartial.Path).TrimEnd('/'));
    }

    private const string Expected = "a host such as " + Default + ", or an address with http:// or https://";

    private static bool HasScheme(string text) => text.Contains("://", StringComparison.Ordinal);
}
