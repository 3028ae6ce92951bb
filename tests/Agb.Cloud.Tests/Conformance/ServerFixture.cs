using System.Globalization;
using System.Net;
using Agb.Conformance;
using Agb.Server;
using Microsoft.Extensions.Logging;

namespace Agb.Cloud.Tests.Conformance;

/// <summary>A client of an Agb server on loopback, with a data directory of its own, which must be empty of sessions and layers, and
/// of processes and mounts, when the class is done.</summary>
public sealed class ServerFixture : ServiceFixture
{
    private const string Key = "conformance-key";

    private readonly string _mark = $"agb-cloud-conformance-{Guid.NewGuid():n}";
    private readonly List<AgbCloudService> _others = [];
    private AgbServer? _server;

    private string Data => Path.Combine(Path.GetTempPath(), _mark);

    private string Home => Path.Combine(Data, "owners", "default");

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
    public override IReadOnlyList<string> Inventory() =>
    [
        .. new[] { "sessions", "layers", "staging" }
            .Select(d => Path.Combine(Home, d))
            .Where(Directory.Exists)
            .SelectMany(Directory.EnumerateFileSystemEntries)
            .Order(StringComparer.Ordinal),
    ];

    /// <inheritdoc/>
    protected override async Task<string?> WhyNotAsync() =>
        (await AgbHost.CheckAsync(Home, CancellationToken.None)).FirstOrDefault(c => c.Status == AgbHostCheckStatus.Missing) is { } bad
            ? $"This host can't run these tests: {bad.Name}: {bad.Detail} {bad.Remedy}"
            : null;

    /// <inheritdoc/>
    protected override async Task<IAgbService> OpenAsync()
    {
        var options = new ServerOptions
        {
            DataDirectory = Data,
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
                await Eventually.HoldsAsync("no process has the home mounted or in its command line", () => !Processes().Any());
                Inventory().ShouldBeEmpty();
            }
        }
        finally
        {
            TreeRemover.Remove(Data);
        }
    }

    private AgbCloudService Open() => new(Options());

    private AgbCloudOptions Options() => new() { Endpoint = _server!.Urls.First(), ApiKey = Key };

    private IEnumerable<string> Processes() => Directory.EnumerateDirectories("/proc")
        .Where(p => int.TryParse(Path.GetFileName(p), CultureInfo.InvariantCulture, out _))
        .Where(p => Has(p + "/cmdline") || Has(p + "/mountinfo"));

    private bool Has(string file)
    {
        try
        {
            return File.ReadAllText(file).Contains(_mark, StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The process has ended, or is another user's.
            return false;
        }
    }

    /// <summary>Hides the extensions of a server.</summary>
    private sealed class WithoutExtensions() : DelegatingHandler(new SocketsHttpHandler { AllowAutoRedirect = false })
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            request.RequestUri!.AbsolutePath.StartsWith("/agb/", StringComparison.Ordinal)
                ? Task.FromResult(new HttpResponseMessage(HttpStatusCode.NotFound) { Content = new StringContent("") })
                : base.SendAsync(request, cancellationToken);
    }
}
