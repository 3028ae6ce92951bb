namespace Agb.Cloud;

/// <summary>Settings of a remote AGB service.</summary>
public sealed record AgbCloudOptions
{
    /// <summary>The default time limit of a call.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(60);

    /// <summary>The service's endpoint: a host, or an address with <c>http://</c> or <c>https://</c>. See
    /// <see cref="AgbEndpoint.Parse"/>.</summary>
    public string Endpoint { get; init; } = AgbEndpoint.Default;

    /// <summary>The API key. Sent to the endpoint only, and never shown.</summary>
    public required string ApiKey { get; init; }

    /// <summary>The time limit of a call. Calls with work in the session may take the work's own time limit in addition; answers
    /// in pieces may take any time, as long as pieces come.</summary>
    public TimeSpan Timeout { get; init; } = DefaultTimeout;

    /// <summary>The maximum number of repetitions of a repeatable call; 0 for none.</summary>
    public int MaxRetries { get; init; } = 3;

    /// <summary>The maximum wait before a repetition, as asked for by the service (Retry-After). A longer wait is not served: the
    /// error reports it.</summary>
    public TimeSpan MaxRetryAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The time limit of a session's release, of a sync inside a call, and of the removal of a context's data.</summary>
    public TimeSpan MaxWait { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Replaces the connections, for tests.</summary>
    internal HttpMessageHandler? Handler { get; init; }

    /// <summary>The endpoint, without the key.</summary>
    public override string ToString() => Endpoint;

    /// <summary>Checks every setting.</summary>
    /// <returns>The address of the endpoint.</returns>
    /// <exception cref="AgbException">InvalidSetting, AuthenticationFailed.</exception>
    internal Uri Validate()
    {
        if (string.IsNullOrWhiteSpace(ApiKey))
        {
            throw CloudErrors.NoApiKey();
        }
        if (ApiKey.Any(c => c is <= ' ' or > '~'))
        {
            throw new AgbException(
                AgbErrorIds.AuthenticationFailed, AgbErrorKind.InvalidInput,
                "The API key holds an invalid character, such as a space, a line end or a non-ASCII letter.",
                "Copy the key again, without quotes and line ends.");
        }
        if (Timeout <= TimeSpan.Zero || Timeout > TimeSpan.FromDays(1))
        {
            throw CloudErrors.InvalidSetting("time limit of calls", $"is {Timeout.TotalSeconds:0.###} s", "more than 0 and at most one day", Timeout);
        }
        if (MaxRetries is < 0 or > 20)
        {
            throw CloudErrors.InvalidSetting("number of repetitions", $"is {MaxRetries}", "0 to 20", MaxRetries);
        }
        if (MaxRetryAfter < TimeSpan.Zero || MaxRetryAfter > TimeSpan.FromDays(1))
        {
            throw CloudErrors.InvalidSetting("longest wait before a repetition", $"is {MaxRetryAfter.TotalSeconds:0.###} s", "0 to one day", MaxRetryAfter);
        }
        if (MaxWait <= TimeSpan.Zero || MaxWait > TimeSpan.FromDays(7))
        {
            throw CloudErrors.InvalidSetting("longest wait", $"is {MaxWait.TotalSeconds:0.###} s", "more than 0 and at most 7 days", MaxWait);
        }
        return AgbEndpoint.Parse(Endpoint);
    }
}
