using System.Buffers;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;

namespace Agb.Server;

/// <summary>Gives every request an id, and turns every error into an envelope.</summary>
internal sealed class ErrorMiddleware(RequestDelegate next, Failures failures)
{
    private const int ClientClosedRequest = 499;

    /// <summary>Runs one request.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        context.TraceIdentifier = Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture);
        context.Response.Headers[WireHeaders.RequestId] = context.TraceIdentifier;
        try
        {
            await next(context).ConfigureAwait(false);
            if (context.Response is { HasStarted: false, StatusCode: >= 400, ContentType: null, ContentLength: null or 0 })
            {
                await AnswerAsync(context, OfStatus(context.Response.StatusCode, context), context.Response.StatusCode).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (BadRequestIn(e) is { } bad)
        {
            await AnswerAsync(context, OfStatus(bad.StatusCode, context, bad), bad.StatusCode).ConfigureAwait(false);
        }
        catch (Exception e) when (context.RequestAborted.IsCancellationRequested && e is OperationCanceledException or IOException)
        {
            // The client is gone.
            if (context.Response.HasStarted)
            {
                context.Abort();
            }
            else
            {
                context.Response.StatusCode = ClientClosedRequest;
            }
        }
        catch (Exception e)
        {
            await AnswerAsync(context, e).ConfigureAwait(false);
        }
    }

    /// <summary>The error for a client with an invalid request or an incomplete body; null for all other errors.</summary>
    internal static AgbException? RequestError(Exception e, HttpContext context) =>
        BadRequestIn(e) is { } bad ? OfStatus(bad.StatusCode, context, bad) : null;

    /// <summary>The error of the request itself, also if a service met it while reading the body.</summary>
    private static BadHttpRequestException? BadRequestIn(Exception? e)
    {
        while (e is not null and not BadHttpRequestException)
        {
            e = e.InnerException;
        }
        return (BadHttpRequestException?)e;
    }

    private static AgbException OfStatus(int status, HttpContext context, Exception? cause = null) => status switch
    {
        404 => Error(AgbErrorIds.InvalidRequest, AgbErrorKind.NotFound, $"There is no endpoint '{context.Request.Path}'.", "See docs/protocol.md for the endpoints."),
        405 => Error(
            AgbErrorIds.InvalidRequest, AgbErrorKind.InvalidInput, $"The endpoint '{context.Request.Path}' does not support {context.Request.Method}.",
            $"Use {context.Response.Headers.Allow}."),
        411 => Error(AgbErrorIds.InvalidRequest, AgbErrorKind.InvalidInput, "The request's body has no length.", "Send Content-Length, or a chunked body."),
        413 => Error(AgbErrorIds.InvalidRequest, AgbErrorKind.InvalidInput, "The request's body is too large for this server.", "See the limits at /agb/info."),
        429 => Error(
            AgbErrorIds.TooManyRequests, AgbErrorKind.ResourceExhausted, "This owner sends too many requests.",
            $"Try again after {(context.Response.Headers.RetryAfter is [{ } seconds] ? seconds : "1")} s."),
        408 => Error(AgbErrorIds.InvalidRequest, AgbErrorKind.Timeout, "The request's body arrived too slowly.", "Send it again."),
        _ => Error(
            AgbErrorIds.InvalidRequest, AgbErrorKind.InvalidInput, cause?.Message ?? $"{ReasonPhrases.GetReasonPhrase(status)}.", null),
    };

    private static AgbException Error(string id, AgbErrorKind kind, string message, string? remedy) => new(id, kind, message, remedy);

    private async Task AnswerAsync(HttpContext context, Exception cause, int? status = null)
    {
        var error = failures.Report(cause, context.TraceIdentifier);
        if (context.Response.HasStarted)
        {
            // A partial answer must not look complete.
            context.Abort();
            return;
        }
        var envelope = Envelope.Failure(context.TraceIdentifier, error);
        envelope = status is { } given ? envelope with { HttpStatusCode = given } : envelope;
        var allow = context.Response.Headers.Allow;
        var retryAfter = error.RetryAfter is { } wait
            ? Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture)
            : context.Response.Headers.RetryAfter.ToString();
        context.Response.Clear();
        context.Response.Headers[WireHeaders.RequestId] = context.TraceIdentifier;
        context.Response.Headers.Allow = allow;
        if (retryAfter.Length > 0)
        {
            context.Response.Headers.RetryAfter = retryAfter;
        }
        var asResult = context.GetEndpoint()?.Metadata.GetMetadata<ErrorsAsResults>() is not null && context.Features.Get<Caller>() is not null;
        context.Response.StatusCode = asResult ? StatusCodes.Status200OK : envelope.HttpStatusCode;
        if (envelope.HttpStatusCode == StatusCodes.Status408RequestTimeout && status is not null)
        {
            // The rest of the request's body may still arrive.
            context.Response.Headers.Connection = "close";
        }
        if (envelope.HttpStatusCode == 401)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
        }
        var body = new ArrayBufferWriter<byte>(512);
        if (asResult)
        {
            var result = new LinkCallReply { Result = ToolResultData.FromText(envelope.Message, isError: true) };
            envelope.Write(body, result, WireJson.Default.LinkCallReply);
        }
        else
        {
            envelope.Write(body);
        }
        await Reply.SendAsync(context, body.WrittenMemory).ConfigureAwait(false);
    }
}

/// <summary>Marks endpoints whose clients read only tool results. The text of an error becomes a tool result with HTTP status
/// 200; the envelope beside it has the details. Only for authenticated callers: other refusals keep their status.</summary>
internal sealed class ErrorsAsResults
{
    /// <summary>The mark.</summary>
    internal static readonly ErrorsAsResults Instance = new();
}
