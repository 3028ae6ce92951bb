using System.Globalization;
using System.Security.Cryptography;

namespace Agb.Cloud;

/// <summary>The answer of a tool.</summary>
/// <param name="IsError">Whether the tool failed.</param>
/// <param name="Text">The text of the answer.</param>
/// <param name="RequestId">The request's id.</param>
internal sealed record ToolReply(bool IsError, string Text, string RequestId)
{
    /// <summary>The full error of a failed tool, from an Agb server; null from others.</summary>
    internal WireError? Error { get; init; }
}

/// <summary>Calls the tools of sessions: by the session's own link if the session has one and the tool a server there, else by
/// the API. There is no fallback from one to the other.</summary>
internal sealed class ToolCalls(ApiClient api, SessionCalls sessions)
{
    /// <summary>Calls a tool.</summary>
    /// <param name="sessionId">The session.</param>
    /// <param name="tool">The tool.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="type">Their type.</param>
    /// <param name="work">The time limit of the tool, in addition to that of calls.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    internal Task<ToolReply> CallAsync<T>(
        string sessionId, string tool, T arguments, JsonTypeInfo<T> type, TimeSpan work, CancellationToken cancellationToken) =>
        CallAsync(sessionId, tool, JsonSerializer.SerializeToElement(arguments, type), work, cancellationToken);

    /// <summary>Calls a tool.</summary>
    /// <param name="sessionId">The session.</param>
    /// <param name="tool">The tool.</param>
    /// <param name="json">Its arguments: an object.</param>
    /// <param name="work">The time limit of the tool, in addition to that of calls.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    internal async Task<ToolReply> CallAsync(string sessionId, string tool, JsonElement json, TimeSpan work, CancellationToken cancellationToken)
    {
        var route = await sessions.RouteAsync(sessionId, cancellationToken).ConfigureAwait(false);
        if (route.LinkServerOf(tool) is not { } server)
        {
            return await ByApiAsync(sessionId, tool, json, work, cancellationToken).ConfigureAwait(false);
        }
        try
        {
            return await ByLinkAsync(route, tool, server, json, work, cancellationToken).ConfigureAwait(false);
        }
        catch (AgbServiceException e) when (e.ErrorId == AgbErrorIds.AuthenticationFailed)
        {
            // The token was renewed meanwhile, or the session is gone; getSession tells.
            var renewed = await sessions.RenewRouteAsync(sessionId, cancellationToken).ConfigureAwait(false);
            if (renewed.Token == route.Token || renewed.LinkServerOf(tool) is not { } again)
            {
                throw;
            }
            return await ByLinkAsync(renewed, tool, again, json, work, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<ToolReply> ByApiAsync(string sessionId, string tool, JsonElement arguments, TimeSpan work, CancellationToken cancellationToken)
    {
        var body = new CallToolBody { Args = arguments.GetRawText(), SessionId = sessionId, Name = tool };
        var path = AgbRoutes.CallTool + ApiCall.Query(("autoGenSession", "false"));
        var reply = await api.AskAsync(
            ApiCall.Post(path, body, WireJson.Default.CallToolBody, Repeat.WhenTurnedAway) with { Timeout = api.Options.Timeout + work },
            cancellationToken).ConfigureAwait(false);
        var result = reply.Envelope.Data is { } data ? ToolReplyReader.Read(data, joinTexts: true, reply.RequestId) : null;
        if (result is { IsError: true })
        {
            return result.Text.Length > 0 ? result : result with { Text = reply.Envelope.Message };
        }
        if (!reply.IsSuccess)
        {
            throw CloudErrors.Refused(reply);
        }
        return result ?? throw CloudErrors.Unreadable("it has no data", reply.RequestId, reply.Status);
    }

    private async Task<ToolReply> ByLinkAsync(
        SessionRoute route, string tool, string server, JsonElement arguments, TimeSpan work, CancellationToken cancellationToken)
    {
        var requestId = NewLinkRequestId();
        var body = new LinkCallBody { Args = arguments, Server = server, RequestId = requestId, Tool = tool, Token = route.Token };
        var call = ApiCall.Post(AgbRoutes.LinkCallTool, body, WireJson.Default.LinkCallBody, Repeat.WhenTurnedAway) with
        {
            Link = (new Uri(route.Link!.AbsoluteUri.TrimEnd('/') + AgbRoutes.LinkCallTool), route.Token!),
            RequestId = requestId,
            KeepsRequestId = true,
            Timeout = api.Options.Timeout + work,
        };
        var reply = await api.AskAsync(call, cancellationToken).ConfigureAwait(false);
        // Success on this route is the HTTP status alone. Our servers refuse with 200 too, for clients without other checks.
        if (reply.Status >= 400 || reply.Envelope.AgbError is not null)
        {
            throw CloudErrors.Refused(reply);
        }
        return reply.Envelope.Data is { } data && ToolReplyReader.ReadLink(data, requestId) is { } result
            ? result
            : throw CloudErrors.Unreadable("it has no result", requestId, reply.Status);
    }

    private string NewLinkRequestId() => string.Create(
        CultureInfo.InvariantCulture, $"link-{api.Time.GetUtcNow().ToUnixTimeMilliseconds()}-{RandomNumberGenerator.GetInt32(1_000_000_000):000000000}");
}

/// <summary>Reads answers of tools.</summary>
internal static class ToolReplyReader
{
    /// <summary>Reads the data of the link route: an object with the result, or a string with one.</summary>
    internal static ToolReply? ReadLink(JsonElement data, string requestId)
    {
        if (data.ValueKind == JsonValueKind.String)
        {
            using var document = Parse(data.GetString()!, requestId);
            return ReadLink(document.RootElement.Clone(), requestId);
        }
        return data.ValueKind == JsonValueKind.Object && data.TryGetProperty("result", out var result)
            ? Read(result, joinTexts: false, requestId)
            : null;
    }

    /// <summary>Reads a result.</summary>
    /// <param name="result">The result.</param>
    /// <param name="joinTexts">Take all texts, one line each, as on the API route; else the first item alone.</param>
    /// <param name="requestId">The request's id.</param>
    /// <returns>The answer, or null if invalid.</returns>
    internal static ToolReply? Read(JsonElement result, bool joinTexts, string requestId)
    {
        if (result.ValueKind != JsonValueKind.Object)
        {
            return null;
        }
        var isError = result.TryGetProperty("isError", out var error) && error.ValueKind == JsonValueKind.True;
        var items = result.TryGetProperty("content", out var content) && content.ValueKind == JsonValueKind.Array ? content.EnumerateArray().ToArray() : [];
        var texts = items.Where(i => IsText(i)).Select(TextOf).OfType<string>().ToArray();
        var text = joinTexts && texts.Length > 0 ? string.Join('\n', texts) : items.Select(TextOf).FirstOrDefault();
        if (items.Length == 0 && !isError && !result.TryGetProperty("content", out _))
        {
            return null;
        }
        var full = isError && result.TryGetProperty("agbError", out var given) ? Answers.Read(given, WireJson.Default.WireError, requestId) : null;
        return new ToolReply(isError, text ?? "", requestId) { Error = full };
    }

    private static bool IsText(JsonElement item) =>
        item.ValueKind == JsonValueKind.String
        || (item.ValueKind == JsonValueKind.Object && (!item.TryGetProperty("type", out var type) || type.ValueEquals(ToolContent.TextType)));

    private static string? TextOf(JsonElement item) => item.ValueKind switch
    {
        JsonValueKind.String => WireReader.Whole(WireReader.ReadText(item)),
        JsonValueKind.Object => Member(item, "text") ?? Member(item, "blob") ?? Member(item, "data"),
        _ => null,
    };

    private static string? Member(JsonElement item, string name) =>
        item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? WireReader.Whole(WireReader.ReadText(value)) : null;

    private static JsonDocument Parse(string json, string requestId)
    {
        try
        {
            return JsonDocument.Parse(json);
        }
        catch (JsonException e)
        {
            throw CloudErrors.Unreadable($"its data is no JSON: {e.Message}", requestId, inner: e);
        }
    }
}
