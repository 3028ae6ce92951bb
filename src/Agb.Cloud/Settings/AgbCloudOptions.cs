namespace Agb.Cloud;

/// <summary>Settings of an AGB service that is reached over the network.</summary>
public sealed record AgbCloudOptions
{
    /// <summary>How long a call may take when nothing else is said.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(60);

    /// <summary>Where the service answers: a host, or an address that begins with <c>http://</c> or <c>https://</c>. See
    /// <see cref="AgbEndpoint.Parse"/>.</summary>
    public string Endpoint { get; init; } = AgbEndpoint.Default;

    /// <summary>The API key. It is sent to the endpoint and shown nowhere.</summary>
    public required string ApiKey { get; init; }

    /// <summary>How long a call may take. Calls that wait for work in the session may take the work's own time limit more; answers
    /// that come in pieces may take any time, as long as something comes.</summary>
    public TimeSpan Timeout { get; init; } = DefaultTimeout;

    /// <summary>How often a call that can safely be repeated is repeated; 0 for never.</summary>
    public int MaxRetries { get; init; } = 3;

    /// <summary>The longest time that a service may ask to wait before a repetition (Retry-After). One that asks for more gets no
    /// repetition; the error says when to come again.</summary>
    public TimeSpan MaxRetryAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a release of a session, a sync that a call includes, or the removal of a context's data may take.</summary>
    public TimeSpan MaxWait { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Replaces the connections, for tests.</summary>
    internal HttpMessageHandler? Handler { get; init; }

    /// <summary>The endpoint; nothing of the key.</summary>
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
                "The API key holds a character that no API key has, such as a space, a line end or a letter that is not ASCII.",
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
