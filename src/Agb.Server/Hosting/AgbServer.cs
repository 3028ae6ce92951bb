using System.Security.Cryptography.X509Certificates;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Agb.Server;

/// <summary>The AGB API in front of the embedded engine.</summary>
internal sealed class AgbServer(WebApplication app) : IAsyncDisposable
{
    private const string TimestampForm = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    /// <summary>The listening addresses, after the start.</summary>
    internal IReadOnlyCollection<string> Urls => [.. app.Urls];

    /// <summary>The services of the server.</summary>
    internal IServiceProvider Services => app.Services;

    /// <summary>Builds a server.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="configureLogging">Additional logging configuration; null for none.</param>
    /// <exception cref="AgbException">As <see cref="StartRules.Require"/>.</exception>
    internal static AgbServer Create(ServerOptions options, Action<ILoggingBuilder>? configureLogging = null)
    {
        var keys = new ApiKeyFile(options.DataDirectory);
        StartRules.Require(options, keys);
        PrivateFile.MakeDirectory(options.DataDirectory);
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.ConfigureKestrel(kestrel => Configure(kestrel, options));
        ConfigureLogging(builder.Logging, options);
        configureLogging?.Invoke(builder.Logging);
        ConfigureServices(builder.Services, options, keys);
        var app = builder.Build();
        Use(app);
        Map(app);
        return new AgbServer(app);
    }

    /// <summary>Opens the stores and starts to listen.</summary>
    /// <exception cref="AgbException">AddressNotAvailable; the error of the first store, if no store can be opened.</exception>
    internal async Task StartAsync(CancellationToken cancellationToken = default)
    {
        await app.Services.GetRequiredService<OwnerRegistry>().RequireStoreAsync(cancellationToken).ConfigureAwait(false);
        var options = app.Services.GetRequiredService<ServerOptions>();
        // Kestrel's error does not name the address, and the host would log it in fifty lines.
        ListenProbe.Require(options.Listen);
        await app.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Waits for the stop of the process.</summary>
    internal Task WaitAsync(CancellationToken cancellationToken) => app.WaitForShutdownAsync(cancellationToken);

    /// <summary>Stops the server. Open calls and releases have a limited time to end. Sessions continue.</summary>
    internal async Task StopAsync()
    {
        await app.StopAsync().ConfigureAwait(false);
        await WaitForReleasesAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => app.DisposeAsync();

    private async Task WaitForReleasesAsync()
    {
        try
        {
            var options = app.Services.GetRequiredService<ServerOptions>();
            await app.Services.GetRequiredService<OwnerRegistry>().WaitForReleasesAsync().WaitAsync(options.ShutdownTimeout).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The next process with this store continues them.
        }
    }

    private static void Configure(KestrelServerOptions kestrel, ServerOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = options.MaxRequestBytes;
        // SetLabel has its labels in the query: 64 labels of up to 510 characters each, percent-encoded.
        kestrel.Limits.MaxRequestLineSize = 512 * 1024;
        kestrel.Limits.MaxRequestBufferSize = 1024 * 1024;
        Connections.Limit(kestrel.Limits, options);
        foreach (var address in options.Listen)
        {
            kestrel.Listen(address.Address, address.Port, listen =>
            {
                // With HTTP/2 a connection could carry a hundred concurrent requests, but the limit counts connections.
                listen.Protocols = HttpProtocols.Http1;
                var places = kestrel.ApplicationServices.GetRequiredService<ConnectionSlots>();
                listen.Use(next => connection => places.RunAsync(connection, address.IsEncrypted, next));
                if (address.IsEncrypted)
                {
                    var chain = new X509Certificate2Collection();
                    chain.ImportFromPemFile(options.CertificateFile!);
                    listen.UseHttps(https =>
                    {
                        https.ServerCertificate = X509Certificate2.CreateFromPemFile(options.CertificateFile!, options.CertificateKeyFile);
                        https.ServerCertificateChain = chain;
                    });
                }
            });
        }
    }

    private static void ConfigureLogging(ILoggingBuilder logging, ServerOptions options)
    {
        logging.ClearProviders();
        // Below the warning level ASP.NET Core logs URLs, and some URLs of this server are secrets.
        logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("Yarp", LogLevel.Warning).AddFilter("System", LogLevel.Warning);
        if (options.LogFormat == LogFormat.Json)
        {
            logging.AddJsonConsole(o =>
            {
                o.UseUtcTimestamp = true;
                o.TimestampFormat = TimestampForm;
            });
        }
        else
        {
            logging.AddSimpleConsole(o =>
            {
                o.SingleLine = true;
                o.UseUtcTimestamp = true;
                o.TimestampFormat = TimestampForm + " ";
            });
        }
    }

    private static void ConfigureServices(IServiceCollection services, ServerOptions options, ApiKeyFile keys)
    {
        services.AddSingleton(options);
        services.AddSingleton(StandardTools.Create());
        services.AddSingleton(Signer.Open(options.DataDirectory));
        services.AddSingleton(p => new SignedLinks(p.GetRequiredService<Signer>(), options.TimeProvider));
        services.AddSingleton(p => new OwnerRegistry(options, keys, p.GetRequiredService<ILoggerFactory>()));
        services.AddHostedService(p => p.GetRequiredService<OwnerRegistry>());
        services.AddSingleton<Failures>();
        services.AddSingleton<ToolLog>();
        services.AddSingleton<SessionSlots>();
        services.AddSingleton<CallSlots>();
        services.AddSingleton<ConnectionSlots>();
        services.AddSingleton<FailedAttempts>();
        Connections.ProbePeers(services);
        services.AddSingleton<PortLinks>();
        services.AddSingleton<BrowserLinks>();
        services.AddHttpForwarder();
        services.Configure<HostOptions>(o => o.ShutdownTimeout = options.ShutdownTimeout);
        if (options.RequestsPerSecond > 0)
        {
            services.AddRateLimiter(o =>
            {
                o.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
                o.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(c => LimitOf(c, options.RequestsPerSecond));
                o.OnRejected = (rejected, _) =>
                {
                    var wait = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : TimeSpan.FromSeconds(1);
                    rejected.HttpContext.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
                    return ValueTask.CompletedTask;
                };
            });
        }
        Telemetry.AddTo(services);
        options.ConfigureServices?.Invoke(services);
    }

    private static RateLimitPartition<string> LimitOf(HttpContext context, int requestsPerSecond) =>
        context.Features.Get<Caller>() is { } caller
            ? RateLimitPartition.GetTokenBucketLimiter(caller.Owner.Id, _ => BucketOf(requestsPerSecond))
            : RateLimitPartition.GetNoLimiter("");

    /// <summary>The token bucket of an owner: the requests of two seconds, refilled about ten times a second.</summary>
    internal static TokenBucketRateLimiterOptions BucketOf(int requestsPerSecond)
    {
        var tokens = Math.Max(1, requestsPerSecond / 10);
        return new TokenBucketRateLimiterOptions
        {
            TokenLimit = (int)Math.Min(requestsPerSecond * 2L, int.MaxValue),
            TokensPerPeriod = tokens,
            // Not exactly ten times a second: 19 requests a second, for example, is not a multiple of ten.
            ReplenishmentPeriod = TimeSpan.FromSeconds((double)tokens / requestsPerSecond),
            QueueLimit = 0,
        };
    }

    private static void Use(WebApplication app)
    {
        var options = app.Services.GetRequiredService<ServerOptions>();
        app.UseMiddleware<RequestLog>();
        app.UseMiddleware<ErrorMiddleware>();
        app.Use((context, next) =>
        {
            // A client's endpoint with a trailing slash makes paths with two leading slashes.
            while (context.Request.Path.Value is ['/', '/', ..] path)
            {
                context.Request.Path = new PathString(path[1..]);
            }
            return next(context);
        });
        app.UseRouting();
        app.UseMiddleware<AccessMiddleware>();
        if (options.RequestsPerSecond > 0)
        {
            app.UseRateLimiter();
        }
        app.UseMiddleware<WorkMiddleware>();
        app.Use((context, next) => Connections.WatchBodyAsync(context, options, next));
        app.UseWebSockets(new WebSocketOptions { KeepAliveInterval = options.Timeouts.SocketPing, KeepAliveTimeout = options.Timeouts.SocketPong });
    }

    private static void Map(WebApplication app)
    {
        app.MapGet(AgbRoutes.Health, context => context.Response.WriteAsync("ok", context.RequestAborted));
        SessionEndpoints.Map(app);
        ContextEndpoints.Map(app);
        ContextFileEndpoints.Map(app);
        SyncEndpoints.Map(app);
        ToolEndpoints.Map(app);
        LinkEndpoints.Map(app);
        ObjectEndpoints.Map(app);
        PortLinks.Map(app);
        BrowserEndpoints.Map(app);
        BrowserLinks.Map(app);
        DesktopViews.Map(app);
        AgbSessionEndpoints.Map(app);
        AgbContextEndpoints.Map(app);
        AgbContextFileEndpoints.Map(app);
        AgbRunEndpoints.Map(app);
        CommandSocket.Map(app);
        AgbSyncEndpoints.Map(app);
        AgbMountEndpoints.Map(app);
        TerminalSocket.Map(app);
    }
}
