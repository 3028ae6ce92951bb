using Agb.Engine;
using Agb.Server.Load;
using Agb.Server.Tools;

namespace Agb.Server.Hosting;

/// <summary>How log lines look.</summary>
internal enum LogFormat
{
    /// <summary>One JSON object a line.</summary>
    Json,

    /// <summary>One line of text.</summary>
    Text,
}

/// <summary>Settings of a server.</summary>
internal sealed record ServerOptions
{
    /// <summary>The most bytes of a request's body when nothing else is said: 32 MiB, so that a file tool's largest text and the
    /// longest code fit in their escaped forms.</summary>
    internal const long DefaultMaxRequestBytes = 32L * 1024 * 1024;

    /// <summary>The most bytes of one uploaded file when nothing else is said.</summary>
    internal const long DefaultMaxUploadBytes = 16L * 1024 * 1024 * 1024;

    /// <summary>The requests a second of one owner when nothing else is said.</summary>
    internal const int DefaultRequestsPerSecond = 500;

    /// <summary>The failed attempts a minute of one address when nothing else is said.</summary>
    internal const int DefaultFailedAttemptsPerMinute = 30;

    /// <summary>The connections at a time when nothing else is said.</summary>
    internal const int DefaultMaxConnections = 10_000;

    /// <summary>The directory of keys, secrets, and every owner's store.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Where to listen.</summary>
    public required IReadOnlyList<ListenAddress> Listen { get; init; }

    /// <summary>A key that needs no key file, or null.</summary>
    public string? FixedApiKey { get; init; }

    /// <summary>Listen on addresses that others reach without encryption.</summary>
    public bool IsInsecure { get; init; }

    /// <summary>A PEM file with the certificate of https addresses, and its chain.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>A PEM file with the certificate's key; null when it is in the same file.</summary>
    public string? CertificateKeyFile { get; init; }

    /// <summary>What clients reach the server under, for the URLs that it hands out; null for what each request was sent to.</summary>
    public Uri? PublicUrl { get; init; }

    /// <summary>The most bytes of a request's body, but for uploads.</summary>
    public long MaxRequestBytes { get; init; } = DefaultMaxRequestBytes;

    /// <summary>The most bytes of one uploaded file; null for no limit.</summary>
    public long? MaxUploadBytes { get; init; } = DefaultMaxUploadBytes;

    /// <summary>The requests a second of one owner on average, with bursts of twice as many; 0 for no limit.</summary>
    public int RequestsPerSecond { get; init; } = DefaultRequestsPerSecond;

    /// <summary>The attempts of one address that may fail within a minute; 0 for no limit.</summary>
    public int FailedAttemptsPerMinute { get; init; } = DefaultFailedAttemptsPerMinute;

    /// <summary>The connections at a time, and beside them the WebSockets; null for no limit.</summary>
    public int? MaxConnections { get; init; } = DefaultMaxConnections;

    /// <summary>How long the server waits for slow clients.</summary>
    public Patience Patience { get; init; } = new();

    /// <summary>How long a presigned URL is good for.</summary>
    public TimeSpan PresignedUrlLifetime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The idle time of sessions that ask for none; null for never.</summary>
    public TimeSpan? DefaultIdleTimeout { get; init; }

    /// <summary>What of the host a session may use that does not ask for other limits.</summary>
    public AgbSessionLimits DefaultLimits { get; init; } = AgbSessionLimits.None;

    /// <summary>How many sessions and running calls there may be.</summary>
    public LoadLimits Load { get; init; } = new();

    /// <summary>How long open calls may go on after the server was asked to stop.</summary>
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the answers of releases and syncs wait for their end.</summary>
    public TimeSpan ReplyHold { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How often a stream without news says that the work goes on.</summary>
    public TimeSpan HeartbeatEvery { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How log lines look.</summary>
    public LogFormat LogFormat { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>The tools of sessions.</summary>
    public ToolCatalog Tools { get; init; } = StandardTools.Create();

    /// <summary>Opens an owner's service in a directory.</summary>
    public Func<string, IAgbService>? OpenService { get; init; }

    /// <summary>Opens an owner's service: the embedded one, with the images that all owners share.</summary>
    /// <param name="directory">Its directory.</param>
    /// <param name="backgroundFailed">Told what it failed to do beside the calls.</param>
    internal IAgbService Open(string directory, Action<string, Exception> backgroundFailed) => OpenService?.Invoke(directory) ?? EmbeddedService.Open(new EmbeddedOptions
    {
        HomeDirectory = directory,
        ImageCatalogFile = Path.Combine(DataDirectory, "images.json"),
        TimeProvider = TimeProvider,
        DefaultLimits = DefaultLimits,
        HoldUntilClaimed = true,
        // The next start carries on with what is cut off.
        CloseTimeout = TimeSpan.FromSeconds(5),
        BackgroundFailed = backgroundFailed,
    });
}
