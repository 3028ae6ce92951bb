using System.Globalization;

namespace Agb.Cloud;

/// <summary>Finds the settings of the AGB service: given values first, then variables of the process, then the file <c>.env</c>
/// of the current directory, then the defaults.</summary>
/// <remarks>Each setting is searched separately. A variable of the process hides the one in the file, even if empty.</remarks>
public static class CloudEnvironment
{
    /// <summary>The variable of the API key.</summary>
    public const string ApiKeyVariable = CloudErrors.ApiKeyVariable;

    /// <summary>The variable of the endpoint.</summary>
    public const string EndpointVariable = "AGB_ENDPOINT";

    /// <summary>The variable of the time limit of calls, in milliseconds.</summary>
    public const string TimeoutVariable = "AGB_TIMEOUT_MS";

    private const int MaxTimeoutMilliseconds = 24 * 60 * 60 * 1000;

    /// <summary>Finds the settings.</summary>
    /// <param name="endpoint">The given endpoint, or null.</param>
    /// <param name="apiKey">The given API key, or null.</param>
    /// <param name="timeout">The given time limit, or null.</param>
    /// <param name="directory">The directory of <c>.env</c>; null for the current one.</param>
    /// <param name="variable">Reads a variable; null for the process's.</param>
    /// <returns>The settings, or null if neither a key is found nor an endpoint given: then no remote service is meant.</returns>
    /// <exception cref="AgbException">InvalidSetting; AuthenticationFailed for a given endpoint without a key.</exception>
    public static FoundSettings? Find(
        string? endpoint = null, string? apiKey = null, TimeSpan? timeout = null,
        string? directory = null, Func<string, string?>? variable = null)
    {
        var places = new Places(variable ?? Environment.GetEnvironmentVariable, directory ?? Environment.CurrentDirectory);
        var key = places.Find(ApiKeyVariable, apiKey);
        if (key.Value is not { Length: > 0 } found)
        {
            return endpoint is null && apiKey is null ? null : throw CloudErrors.NoApiKey();
        }
        var address = places.Find(EndpointVariable, endpoint);
        var limit = places.Find(TimeoutVariable, null);
        var options = new AgbCloudOptions
        {
            ApiKey = found,
            Endpoint = address.Value is { Length: > 0 } text ? Checked(text, address.Place) : AgbEndpoint.Default,
            Timeout = timeout ?? (limit.Value is { Length: > 0 } milliseconds ? Milliseconds(milliseconds, limit.Place) : AgbCloudOptions.DefaultTimeout),
        };
        options.Validate();
        return new FoundSettings(options, key.Place, address.Value is { Length: > 0 } ? address.Place : FoundSettings.Default);
    }

    private static string Checked(string endpoint, string place)
    {
        AgbEndpoint.Parse(endpoint, place == FoundSettings.Given ? "endpoint" : $"endpoint in {EndpointVariable} ({place})");
        return endpoint;
    }

    private static TimeSpan Milliseconds(string text, string place) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= MaxTimeoutMilliseconds
            ? TimeSpan.FromMilliseconds(number)
            : throw CloudErrors.InvalidSetting(
                $"time limit in {TimeoutVariable} ({place})", $"is '{text}'", $"a whole number of milliseconds, 1 to {MaxTimeoutMilliseconds}", text);

    /// <summary>The places of settings. The file is read only for an unset variable.</summary>
    private sealed class Places(Func<string, string?> variable, string directory)
    {
        private readonly Lazy<IReadOnlyDictionary<string, string>> _file = new(() => DotEnvFile.Read(directory));

        internal (string? Value, string Place) Find(string name, string? given) =>
            given is not null ? (given.Trim(), FoundSettings.Given)
            : variable(name) is { } set ? (set.Trim(), FoundSettings.Process)
            : _file.Value.TryGetValue(name, out var stored) ? (stored.Trim(), Path.Combine(directory, DotEnvFile.Name))
            : (null, FoundSettings.Default);
    }
}

/// <summary>Settings and their sources.</summary>
/// <param name="Options">The settings.</param>
/// <param name="ApiKeyFrom">The key's source: <see cref="Given"/>, <see cref="Process"/>, or the file's path.</param>
/// <param name="EndpointFrom">The endpoint's source: as for the key, or <see cref="Default"/>.</param>
public sealed record FoundSettings(AgbCloudOptions Options, string ApiKeyFrom, string EndpointFrom)
{
    /// <summary>A given value.</summary>
    public const string Given = "given";

    /// <summary>A variable of the process.</summary>
    public const string Process = "environment";

    /// <summary>The default.</summary>
    public const string Default = "default";
}
