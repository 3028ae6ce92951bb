using Yarp.ReverseProxy.Forwarder;

namespace Agb.Server;

/// <summary>Forwards requests into sessions, for one kind of link.</summary>
/// <param name="transformer">Rewrites the requests.</param>
internal sealed class SessionForward(HttpTransformer transformer) : IDisposable
{
    private readonly HttpMessageInvoker _client = SessionConnector.CreateClient();

    /// <summary>Forwards the request of a call.</summary>
    /// <param name="call">The call.</param>
    /// <param name="to">Its target.</param>
    /// <param name="silence">The message when nothing answers.</param>
    /// <param name="remedy">The remedy then.</param>
    /// <exception cref="AgbException">ConnectionFailed.</exception>
    internal async Task SendAsync(Call call, SessionPort to, string silence, string remedy)
    {
        call.Http.Features.Set(to);
        var error = await call.Get<IHttpForwarder>().SendAsync(
            call.Http, to.Address, _client, new ForwarderRequestConfig { ActivityTimeout = call.Options.Timeouts.QuietLink }, transformer)
            .ConfigureAwait(false);
        if (error != ForwarderError.None && !call.Http.Response.HasStarted && !call.Aborted.IsCancellationRequested)
        {
            throw new AgbException(AgbErrorIds.ConnectionFailed, AgbErrorKind.Failed, $"{silence} ({error}).", remedy, call.Caller.SessionId);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();
}
