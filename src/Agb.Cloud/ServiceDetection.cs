using System.Text.Json;
using Agb.Cloud.Extended;
using Agb.Cloud.Http;
using Agb.Cloud.Plain;
using Agb.Protocol;
using Agb.Protocol.Json;

namespace Agb.Cloud;

/// <summary>Finds out, when the first call is made, whether the service is an Agb server or has the plain AGB API alone. A failure
/// is not remembered: the next call asks again.</summary>
internal sealed class ServiceDetection(ApiClient api, IAgbService owner) : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1);
    private volatile IAgbService? _found;

    /// <summary>The service that speaks as the endpoint does.</summary>
    internal async ValueTask<IAgbService> FindAsync(CancellationToken cancellationToken)
    {
        if (_found is { } found)
        {
            return found;
        }
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return _found ??= await AskInfoAsync(cancellationToken).ConfigureAwait(false) is { } info
                ? new ExtendedService(api, owner, info)
                : new PlainService(api, owner);
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    /// <summary>What an Agb server says of itself; null of any other service.</summary>
    private async Task<AgbInfo?> AskInfoAsync(CancellationToken cancellationToken)
    {
        // The AGB cloud is known not to be one of our servers.
        if (api.Endpoint.Host.Equals(AgbEndpoint.Default, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }
        ApiReply reply;
        try
        {
            reply = await api.AskAsync(ApiCall.Get(AgbExtensionRoutes.Info), cancellationToken).ConfigureAwait(false);
        }
        catch (AgbServiceException e) when (e.ErrorId != AgbErrorIds.TooManyRequests && !e.IsFromAgbServer)
        {
            // What another service says about a path that it does not have can be anything. A key that it does not accept shows
            // with the next call, and where the endpoint is wrong that call's error says so.
            return null;
        }
        if (reply.Envelope.AgbError is not null)
        {
            throw CloudErrors.Refused(reply);
        }
        return reply.IsSuccess && reply.Envelope.Data is { ValueKind: JsonValueKind.Object } data ? Read(data, reply.RequestId) : null;
    }

    private AgbInfo? Read(JsonElement data, string requestId)
    {
        if (!data.TryGetProperty("product", out var product) || product.ValueKind != JsonValueKind.String || product.GetString() != AgbInfo.ServerProduct)
        {
            return null;
        }
        var info = Answers.Read(data, WireJson.Default.AgbInfo, requestId);
        return info.Protocol <= AgbInfo.CurrentProtocol
            ? info.Protocol == AgbInfo.CurrentProtocol ? info : null
            : throw new AgbException(
                AgbErrorIds.ServiceNotAvailable, AgbErrorKind.InvalidState,
                $"The server '{api.Name}' speaks version {info.Protocol} of its protocol; this module knows versions up to {AgbInfo.CurrentProtocol}.",
                "Update the module.", api.Name)
            {
                RequestId = requestId,
            };
    }
}
