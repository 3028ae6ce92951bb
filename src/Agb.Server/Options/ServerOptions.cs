using Agb.Engine;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Agb.Server;

/// <summary>The log format.</summary>
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
    /// <summary>The default limit of a request's body in bytes: 32 MiB, enough for the escaped forms of the largest file-tool
    /// text and the longest code.</summary>
    internal const long DefaultMaxRequestBytes = 32L * 1024 * 1024;

    /// <summary>The default limit of one uploaded file, in bytes.</summary>
    internal const long DefaultMaxUploadBytes = 16L * 1024 * 1024 * 1024;

    /// <summary>The default limit of requests per second of one owner.</summary>
    internal const int DefaultRequestsPerSecond = 500;

    /// <summary>The default limit of failed attempts per minute from one address.</summary>
    internal const int DefaultFailedAttemptsPerMinute = 30;

    /// <summary>The default limit of open connections.</summary>
    internal const int DefaultMaxConnections = 10_000;

    /// <summary>The directory of keys, secrets, and every owner's store.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>The addresses to listen on.</summary>
    public required IReadOnlyList<ListenAddress> Listen { get; init; }

    /// <summary>A key without an entry in the key file, or null.</summary>
    public string? FixedApiKey { get; init; }

    /// <summary>Allow unencrypted addresses reachable from other machines.</summary>
    public bool IsInsecure { get; init; }

    /// <summary>A PEM file with the certificate of https addresses, and its chain.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>A PEM file with the certificate's key; null if in the same file.</summary>
    public string? CertificateKeyFile { get; init; }

    /// <summary>The public base URL, for URLs in answers; null for the URL of each request.</summary>
    public Uri? PublicUrl { get; init; }

    /// <summary>The limit of a request's body in bytes, except for uploads.</summary>
    public long MaxRequestBytes { get; init; } = DefaultMaxRequestBytes;

    /// <summary>The limit of one uploaded file in bytes; null for no limit.</summary>
    public long? MaxUploadBytes { get; init; } = DefaultMaxUploadBytes;

    /// <summary>The average limit of requests per second of one owner, with bursts of twice as many; 0 for no limit.</summary>
    public int RequestsPerSecond { get; init; } = DefaultRequestsPerSecond;

    /// <summary>The limit of failed attempts per minute from one address; 0 for no limit.</summary>
    public int FailedAttemptsPerMinute { get; init; } = DefaultFailedAttemptsPerMinute;

    /// <summary>The limit of open connections, and in addition of WebSockets; null for no limit.</summary>
    public int? MaxConnections { get; init; } = DefaultMaxConnections;

    /// <summary>The timeouts for slow clients.</summary>
    public SlowClientTimeouts Timeouts { get; init; } = new();

    /// <summary>The lifetime of presigned URLs.</summary>
    public TimeSpan PresignedUrlLifetime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The default idle timeout of sessions; null for never.</summary>
    public TimeSpan? DefaultIdleTimeout { get; init; }

    /// <summary>The default limits of sessions.</summary>
    public AgbSessionLimits DefaultLimits { get; init; } = AgbSessionLimits.None;

    /// <summary>The limits of sessions and running calls.</summary>
    public LoadLimits Load { get; init; } = new();

    /// <summary>The time for open calls after the request to stop.</summary>
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The time for the end of a release or sync before its call is answered.</summary>
    public TimeSpan ReplyHold { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The interval of heartbeats in a quiet stream.</summary>
    public TimeSpan HeartbeatEvery { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The directory of noVNC, as in Debian's package.</summary>
    public string NoVncDirectory { get; init; } = "/usr/share/novnc";

    /// <summary>The log format.</summary>
    public LogFormat LogFormat { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Replaces services of the server, for tests.</summary>
    internal Action<IServiceCollection>? ConfigureServices { get; init; }

    /// <summary>Opens an owner's service in a directory.</summary>
    public Func<string, IAgbService>? OpenService { get; init; }

    /// <summary>Opens an owner's service: the embedded engine, with images shared by all owners.</summary>
    /// <param name="directory">Its directory.</param>
    /// <param name="loggers">The loggers of the engine.</param>
    /// <param name="mayPrepare">Whether one more sandbox may stand ready.</param>
    internal IAgbService Open(string directory, ILoggerFactory loggers, Func<bool> mayPrepare) => OpenService?.Invoke(directory) ?? EmbeddedService.Open(new EmbeddedOptions
    {
        HomeDirectory = directory,
        ImageCatalogFile = Path.Combine(DataDirectory, "images.json"),
        TimeProvider = TimeProvider,
        DefaultLimits = DefaultLimits,
        HoldUntilClaimed = true,
        PreparedSandboxes = Load.Prepared,
        MayPrepare = mayPrepare,
        // The next start continues interrupted work.
        CloseTimeout = TimeSpan.FromSeconds(5),
        LoggerFactory = loggers,
    });
}
