using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;

namespace Agb.Cloud;

/// <summary>Calls one service, with one pool of connections, a time limit for each call, repetitions, and errors with a request
/// id.</summary>
internal sealed class ApiClient : IDisposable
{
    /// <summary>The maximum size of an answer other than a stream, in bytes; the largest is a command's output in its escaped
    /// form.</summary>
    private const int MaxAnswerBytes = 256 * 1024 * 1024;

    private static readonly TimeSpan s_connect = TimeSpan.FromSeconds(15);

    // Our servers send a heartbeat every 15 s.
    private static readonly TimeSpan s_shortestSilence = TimeSpan.FromSeconds(60);

    private readonly AgbCloudOptions _options;
    private readonly HttpMessageHandler _handler;
    private readonly Retries _retries;

    internal ApiClient(AgbCloudOptions options)
    {
        Endpoint = options.Validate();
        _options = options;
        _handler = options.Handler ?? new SocketsHttpHandler
        {
            // A redirect would leak the key, or turn a POST into a GET.
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.All,
            ConnectTimeout = options.Timeout < s_connect ? options.Timeout : s_connect,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        };
        Http = new HttpClient(_handler, disposeHandler: false) { Timeout = System.Threading.Timeout.InfiniteTimeSpan };
        Sockets = new HttpMessageInvoker(_handler, disposeHandler: false);
        Secrets = new Secrets(options.ApiKey);
        _retries = new Retries(options);
    }

    /// <summary>The endpoint, without a trailing slash.</summary>
    internal Uri Endpoint { get; }

    /// <summary>The endpoint, for messages.</summary>
    internal string Name => Endpoint.AbsoluteUri.TrimEnd('/');

    internal AgbCloudOptions Options => _options;

    internal TimeProvider Time => _options.TimeProvider;

    internal HttpClient Http { get; }

    /// <summary>Opens WebSockets through the same pool.</summary>
    internal HttpMessageInvoker Sockets { get; }

    internal Secrets Secrets { get; }

    /// <summary>The maximum silence of a streamed answer.</summary>
    internal TimeSpan Silence => _options.Timeout > s_shortestSilence ? _options.Timeout : s_shortestSilence;

    /// <summary>Receives every request; null without a listener.</summary>
    internal Action<AgbWireExchange>? Trace { get; set; }

    /// <summary>Makes a call and requires success.</summary>
    /// <exception cref="AgbServiceException">The service refused.</exception>
    /// <exception cref="AgbConnectionException">The outcome is unknown.</exception>
    internal async Task<ApiReply> CallAsync(ApiCall call, CancellationToken cancellationToken)
    {
        var reply = await AskAsync(call, cancellationToken).ConfigureAwait(false);
        return reply.IsSuccess ? reply : throw CloudErrors.Refused(reply);
    }

    /// <summary>Makes a call and accepts a refusal, except about the call itself: a rejected key, too many requests, an exhausted
    /// host.</summary>
    internal Task<ApiReply> AskAsync(ApiCall call, CancellationToken cancellationToken) => _retries.RunAsync(
        call.Content is null ? call.Repeat : Repeat.Never,
        token => AttemptAsync(call, ReadReplyAsync, token),
        cancellationToken);

    /// <summary>Makes a call and opens the answer's body for the caller to read and dispose.</summary>
    /// <param name="call">The call.</param>
    /// <param name="isWanted">Whether an answer is the expected one; any other is read as a failure envelope.</param>
    /// <param name="cancellationToken">Cancels the call before the answer's head.</param>
    internal Task<OpenAnswer> OpenAsync(ApiCall call, Func<HttpResponseMessage, bool> isWanted, CancellationToken cancellationToken) =>
        _retries.RunAsync(
            call.Content is null ? call.Repeat : Repeat.Never,
            token => AttemptAsync(call, (answer, exchange, t) => OpenOrThrowAsync(answer, exchange, isWanted, t), token),
            cancellationToken);

    /// <summary>A new id for a request.</summary>
    internal static string NewRequestId() => "agb-" + Guid.NewGuid().ToString("n", CultureInfo.InvariantCulture);

    /// <summary>Traces a request made outside of <see cref="CallAsync"/>.</summary>
    internal void Report(AgbWireExchange exchange) => Trace?.Invoke(exchange);

    public void Dispose()
    {
        Http.Dispose();
        Sockets.Dispose();
        _handler.Dispose();
    }

    private async Task<T> AttemptAsync<T>(
        ApiCall call, Func<HttpResponseMessage, Exchange, CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        var exchange = new Exchange(call.RequestId ?? NewRequestId());
        var began = Time.GetTimestamp();
        using var deadline = new Deadline(call.Timeout ?? _options.Timeout, Time, cancellationToken);
        using var request = Message(call, exchange.RequestId);
        call.Content?.Begin(deadline);
        try
        {
            var answer = await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, deadline.Token).ConfigureAwait(false);
            exchange.Take(answer, takeId: !call.KeepsRequestId);
            return await read(answer, exchange, deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (deadline.IsOver)
        {
            exchange.Error = "no answer in time";
            throw CloudErrors.TimeOver(Name, deadline.Limit, exchange.RequestId, e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or SocketException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            exchange.Error = e.Message;
            // Failures of the caller's own content are not the connection's fault.
            call.Content?.ThrowOwnFailure();
            throw exchange.Status is null
                ? CloudErrors.NoConnection(Name, exchange.RequestId, e)
                : CloudErrors.CutOff(Name, exchange.RequestId, e);
        }
        finally
        {
            Trace?.Invoke(ToTrace(call, request, exchange, Time.GetElapsedTime(began)));
        }
    }

    private HttpRequestMessage Message(ApiCall call, string requestId)
    {
        var address = call.Link?.Address ?? new Uri(Name + call.Path);
        var message = new HttpRequestMessage(call.Method, address) { Content = call.Content ?? (HttpContent)new ReadOnlyMemoryContent(call.Body) };
        // On an early refusal the body need not be sent as a whole.
        message.Headers.ExpectContinue = call.Content is null ? null : true;
        // The protocol requires the type on every request, even without a body.
        message.Content.Headers.ContentType ??= new MediaTypeHeaderValue("application/json");
        message.Headers.TryAddWithoutValidation(WireHeaders.RequestId, requestId);
        if (call.Link is { } link)
        {
            message.Headers.TryAddWithoutValidation(WireHeaders.AccessToken, link.Token);
        }
        else
        {
            message.Headers.TryAddWithoutValidation(WireHeaders.Authorization, "Bearer " + _options.ApiKey);
        }
        return message;
    }

    private async Task<ApiReply> ReadReplyAsync(HttpResponseMessage answer, Exchange exchange, CancellationToken cancellationToken)
    {
        using (answer)
        {
            var status = (int)answer.StatusCode;
            if (status is >= 300 and < 400)
            {
                throw CloudErrors.Redirected(status, HostOf(answer.Headers.Location), exchange.RequestId);
            }
            var body = await ReadBodyAsync(answer, exchange, cancellationToken).ConfigureAwait(false);
            exchange.Body = body;
            return ToReply(Parse(body, status, exchange, RetryAfter(answer)), RetryAfter(answer));
        }
    }

    private ApiReply Parse(byte[] body, int status, Exchange exchange, TimeSpan? retryAfter)
    {
        Envelope envelope;
        try
        {
            envelope = Envelope.Read(body);
        }
        catch (AgbException e)
        {
            var text = Secrets.Hide(Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(body.Length, AgbWireExchange.MaxBody))));
            throw status >= 400
                ? CloudErrors.OfStatus(status, text, exchange.RequestId, retryAfter)
                : CloudErrors.Unreadable(Secrets.HideInMessage(e.Message), exchange.RequestId, status, e);
        }
        if (status is 502 or 503 or 504 && envelope is { AgbError: null, Code: "" })
        {
            throw CloudErrors.OfStatus(status, Secrets.HideInMessage(envelope.Message), exchange.RequestId, retryAfter);
        }
        exchange.RequestId = envelope.RequestId is { Length: > 0 } id ? id : exchange.RequestId;
        envelope = envelope with
        {
            RequestId = exchange.RequestId,
            Message = Secrets.HideInMessage(envelope.Message),
            AgbError = envelope.AgbError is { Message: { } message } error ? error with { Message = Secrets.HideKey(message) } : envelope.AgbError,
        };
        return new ApiReply(status, envelope, exchange.RequestId);
    }

    // Paths and queries of a target may hold secrets. A relative target stays at the service.
    private string HostOf(Uri? target) => (target is { IsAbsoluteUri: true } ? target : Endpoint).GetLeftPart(UriPartial.Authority);

    private static ApiReply ToReply(ApiReply reply, TimeSpan? retryAfter) =>
        reply is { IsSuccess: false, Status: 401 or 403 or 429 } or { IsSuccess: false, Status: 503, Envelope.AgbError: not null } ? throw CloudErrors.Refused(reply, retryAfter) : reply;

    private async Task<OpenAnswer> OpenOrThrowAsync(
        HttpResponseMessage answer, Exchange exchange, Func<HttpResponseMessage, bool> isWanted, CancellationToken cancellationToken)
    {
        if (!isWanted(answer))
        {
            var reply = await ReadReplyAsync(answer, exchange, cancellationToken).ConfigureAwait(false);
            throw reply.IsSuccess
                ? CloudErrors.Unreadable($"its type is '{answer.Content.Headers.ContentType?.MediaType}'", reply.RequestId, reply.Status)
                : CloudErrors.Refused(reply);
        }
        try
        {
            var body = await answer.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            return new OpenAnswer(answer, new TimeoutStream(body, this, exchange.RequestId), exchange.RequestId);
        }
        catch
        {
            answer.Dispose();
            throw;
        }
    }

    private static async Task<byte[]> ReadBodyAsync(HttpResponseMessage answer, Exchange exchange, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        var stream = await answer.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var buffer = new byte[16 * 1024];
        while (await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is > 0 and var count)
        {
            if (body.Length + count > MaxAnswerBytes)
            {
                throw CloudErrors.Unreadable($"it has more than {MaxAnswerBytes} bytes", exchange.RequestId, exchange.Status);
            }
            body.Write(buffer, 0, count);
        }
        return body.ToArray();
    }

    private TimeSpan? RetryAfter(HttpResponseMessage answer) => answer.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date > Time.GetUtcNow() ? date - Time.GetUtcNow() : TimeSpan.Zero,
        _ => null,
    };

    private AgbWireExchange ToTrace(ApiCall call, HttpRequestMessage request, Exchange exchange, TimeSpan duration) => new()
    {
        Method = request.Method.Method,
        Address = Secrets.Hide(request.RequestUri!, isCall: call.Link is null),
        RequestId = exchange.RequestId,
        Status = exchange.Status,
        Duration = duration,
        RequestBody = Shown(call.Body.Span),
        ResponseBody = Shown(exchange.Body),
        Error = exchange.Error is { } error ? Secrets.HideInMessage(error) : null,
    };

    private string? Shown(ReadOnlySpan<byte> body)
    {
        if (body.IsEmpty)
        {
            return null;
        }
        // A secret may straddle the cut, so the cut comes last.
        var text = Secrets.Hide(Encoding.UTF8.GetString(body[..Math.Min(body.Length, 16 * AgbWireExchange.MaxBody)]));
        return text.Length > AgbWireExchange.MaxBody ? text[..AgbWireExchange.MaxBody] + "..." : text;
    }

    /// <summary>The trace of a running request.</summary>
    internal sealed class Exchange(string requestId)
    {
        internal string RequestId { get; set; } = requestId;

        internal int? Status { get; private set; }

        internal byte[]? Body { get; set; }

        internal string? Error { get; set; }

        internal void Take(HttpResponseMessage answer, bool takeId)
        {
            Status = (int)answer.StatusCode;
            if (takeId && answer.Headers.TryGetValues(WireHeaders.RequestId, out var ids) && ids.FirstOrDefault() is { Length: > 0 } id)
            {
                RequestId = id;
            }
        }
    }
}
