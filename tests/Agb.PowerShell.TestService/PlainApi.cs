using System.Net;
using Agb.Cloud;

namespace Agb.PowerShell.TestService;

/// <summary>An Agb server as if it had the plain AGB API alone, as the AGB cloud has.</summary>
public static class PlainApi
{
    /// <summary>Opens it.</summary>
    /// <param name="endpoint">The server.</param>
    /// <param name="apiKey">Its key.</param>
    public static IAgbService Open(string endpoint, string apiKey) =>
        new AgbCloudService(new AgbCloudOptions { Endpoint = endpoint, ApiKey = apiKey, Handler = new WithoutExtensions() });

    private sealed class WithoutExtensions() : DelegatingHandler(new SocketsHttpHandler { AllowAutoRedirect = false })
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            request.RequestUri!.AbsolutePath.StartsWith("/agb/", StringComparison.Ordinal)
                ? Task.FromResult(new HttpResponseMessage(HttpStatusCode.NotFound) { Content = new StringContent("") })
                : base.SendAsync(request, cancellationToken);
    }
}
