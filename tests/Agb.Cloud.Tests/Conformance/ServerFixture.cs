using System.Net;
using Agb.Conformance;
using Agb.Server;
using Microsoft.Extensions.Logging;

[assembly: TestFramework(typeof(ServiceTestFramework))]
[assembly: Service(Services.Server, typeof(Agb.Cloud.Tests.Conformance.ServerFixture))]

namespace Agb.Cloud.Tests.Conformance;

/// <summary>A client of an Agb server on loopback, with a data directory of its own, which must be empty of sessions and layers, and
/// of processes and mounts, when the class is done.</summary>
public sealed class ServerFixture : ServiceFixture
{
    private const string Key = "conformance-key";

    private readonly TemporaryHome _home = new(below: "owners/default");
    private readonly List<AgbCloudService> _others = [];
    private AgbServer? _server;

    /// <inheritdoc/>
    public override Task<IAgbService> OpenAnotherAsync()
    {
        var other = Open();
        _others.Add(other);
        return Task.FromResult<IAgbService>(other);
    }

    /// <summary>Opens the same server as if it had the plain AGB API alone.</summary>
    internal AgbCloudService OpenPlain()
    {
        var plain = new AgbCloudService(Options() with { Handler = new WithoutExtensions() });
        _others.Add(plain);
        return plain;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Inventory() => _home.Inventory();

    /// <inheritdoc/>
    protected override Task<string?> WhyNotAsync() => _home.WhyNotAsync(needsOverlay: false);

    /// <inheritdoc/>
    protected override async Task<IAgbService> OpenAsync()
    {
        var options = new ServerOptions
        {
            // Their directories would be taken for a trace of a refused call.
            Load = new LoadLimits { Prepared = 0 },
            DataDirectory = _home.Root,
            Listen = ListenAddress.ParseAll("http://127.0.0.1:0"),
            FixedApiKey = Key,
        };
        _server = AgbServer.Create(options, logging => logging.SetMinimumLevel(LogLevel.Error));
        await _server.StartAsync();
        return Open();
    }

    /// <inheritdoc/>
    protected override async Task CloseAsync(IAgbService? service)
    {
        _others.ForEach(o => o.Dispose());
        (service as IDisposable)?.Dispose();
        try
        {
            if (_server is not null)
            {
                await _server.StopAsync();
                await _server.DisposeAsync();
                await _home.RequireNothingLeftAsync();
            }
        }
        finally
        {
            await LeftSandboxes.EndAsync(_home.Root);
            _home.Delete();
        }
    }

    private AgbCloudService Open() => new(Options());

    private AgbCloudOptions Options() => new() { Endpoint = _server!.Urls.First(), ApiKey = Key };

    /// <summary>Hides the extensions of a server.</summary>
    private sealed class WithoutExtensions() : DelegatingHandler(new SocketsHttpHandler { AllowAutoRedirect = false })
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            request.RequestUri!.AbsolutePath.StartsWith("/agb/", StringComparison.Ordinal)
                ? Task.FromResult(new HttpResponseMessage(HttpStatusCode.NotFound) { Content = new StringContent("") })
                : base.SendAsync(request, cancellationToken);
    }
}
