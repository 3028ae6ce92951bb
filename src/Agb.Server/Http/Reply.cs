namespace Agb.Server;

/// <summary>Sends answers of JSON.</summary>
internal static class Reply
{
    /// <summary>The content type of envelopes.</summary>
    internal const string JsonType = "application/json";

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
