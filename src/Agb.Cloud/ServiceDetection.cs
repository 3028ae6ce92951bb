namespace Agb.Cloud;

/// <summary>Detects at the first call whether the service is an Agb server or has the plain AGB API alone. After a failure the
/// next call tries again.</summary>
internal sealed class ServiceDetection(ApiClient api, IAgbService owner) : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1);
    private volatile IAgbService? _found;

    /// <summary>The service for the endpoint's protocol.</summary>
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
                ? new AgbServerService(api, owner, info)
                : new AgbApiService(api, owner);
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    /// <summary>The self-description of an Agb server; null for any other service.</summary>
    private async Task<AgbInfo?> AskInfoAsync(CancellationToken cancellationToken)
    {
        // The AGB cloud is never an Agb server.
        if (api.Endpoint.Host.Equals(AgbEndpoint.Default, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }
        ApiReply reply;
        try
        {
            reply = await api.AskAsync(ApiCall.Get(AgbServerRoutes.Info), cancellationToken).ConfigureAwait(false);
        }
        catch (AgbServiceException e) when (e.ErrorId != AgbErrorIds.TooManyRequests && !e.IsFromAgbServer)
        {
            // Other services may answer anything for an unknown path. A wrong key or endpoint shows with the next call.
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
