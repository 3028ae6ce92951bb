using System.Buffers;
using System.Text.Json.Serialization.Metadata;
using Agb.Protocol;
using Microsoft.AspNetCore.Http;

namespace Agb.Server;

/// <summary>Sends envelopes.</summary>
internal static class Reply
{
    /// <summary>The content type of envelopes.</summary>
    internal const string JsonType = "application/json";

    /// <summary>Sends an envelope without data.</summary>
    internal static Task OkAsync(HttpContext context)
    {
        var body = new ArrayBufferWriter<byte>(128);
        Envelope.Ok(context.TraceIdentifier).Write(body);
        return SendAsync(context, body.WrittenMemory);
    }

    /// <summary>Sends an envelope with data.</summary>
    internal static Task OkAsync<T>(HttpContext context, T data, JsonTypeInfo<T> type, Func<Envelope, Envelope>? paging = null)
        where T : class
    {
        var body = new ArrayBufferWriter<byte>(1024);
        var envelope = Envelope.Ok(context.TraceIdentifier);
        (paging?.Invoke(envelope) ?? envelope).Write(body, data, type);
        return SendAsync(context, body.WrittenMemory);
    }

    /// <summary>Sends a body of JSON.</summary>
    internal static async Task SendAsync(HttpContext context, ReadOnlyMemory<byte> json)
    {
        context.Response.ContentType = JsonType;
        context.Response.ContentLength = json.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await context.Response.Body.WriteAsync(json, context.RequestAborted).ConfigureAwait(false);
        }
    }
}
