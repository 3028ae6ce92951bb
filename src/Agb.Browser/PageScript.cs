namespace Agb.Browser;

/// <summary>A script in a page, and its result as JSON.</summary>
internal static class PageScript
{
    // JSON.stringify makes {} of these.
    private static readonly HashSet<string> s_withoutJson =
        ["node", "regexp", "map", "set", "weakmap", "weakset", "iterator", "generator", "error", "arraybuffer", "dataview"];

    // Objects nest deeper in pages than in most documents.
    private static readonly JsonDocumentOptions s_deep = new() { MaxDepth = 1000 };

    /// <summary>Runs a script.</summary>
    /// <returns>The result; null for undefined.</returns>
    internal static async Task<JsonElement?> RunAsync(ICDPSession page, string script, IReadOnlyList<string>? arguments)
    {
        var expression = arguments is null ? script : $"({script}\n)({string.Join(", ", arguments)})";
        var result = await SendAsync(page, "Runtime.evaluate", new { expression, replMode = true, awaitPromise = true, userGesture = true })
            .ConfigureAwait(false);
        if (Text(result, "subtype") == "promise")
        {
            result = await SendAsync(page, "Runtime.awaitPromise", new { promiseObjectId = Text(result, "objectId") }).ConfigureAwait(false);
        }
        return await JsonOfAsync(page, result).ConfigureAwait(false);
    }

    private static async Task<JsonElement?> JsonOfAsync(ICDPSession page, JsonElement result)
    {
        var type = Text(result, "type");
        if (type == "undefined")
        {
            return null;
        }
        if (type is "function" or "symbol" || Text(result, "unserializableValue") is not null || s_withoutJson.Contains(Text(result, "subtype") ?? ""))
        {
            throw NoJson(Text(result, "description") ?? type!);
        }
        if (Text(result, "objectId") is not { } objectId)
        {
            return result.GetProperty("value");
        }
        const string stringify = "function() { return JSON.stringify(this); }";
        var text = await SendAsync(page, "Runtime.callFunctionOn", new { objectId, functionDeclaration = stringify }).ConfigureAwait(false);
        return Text(text, "value") is { } json ? JsonDocument.Parse(json, s_deep).RootElement : throw NoJson(Text(result, "description")!);
    }

    private static AgbException NoJson(string description) => BrowserErrors.Script(
        $"The script's result is no JSON value: {FirstLine(description)}. Expected a number, text, a boolean, null, an array or an object of these.");

    private static async Task<JsonElement> SendAsync(ICDPSession page, string method, object arguments)
    {
        JsonElement answer;
        try
        {
            answer = (await page.SendAsync(method, arguments).ConfigureAwait(false))!.Value;
        }
        catch (MessageException e)
        {
            // The page went to another address meanwhile.
            throw BrowserErrors.Script($"The script did not end: {e.Message.Split(": ", 2)[^1].TrimEnd('.')}.");
        }
        if (!answer.TryGetProperty("exceptionDetails", out var details))
        {
            return answer.GetProperty("result");
        }
        var thrown = details.TryGetProperty("exception", out var exception)
            ? Text(exception, "description") ?? (exception.TryGetProperty("value", out var value) ? value.ToString() : null)
            : null;
        throw BrowserErrors.Script($"The script failed: {FirstLine(thrown ?? Text(details, "text") ?? "").TrimEnd('.')}.");
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    // The next lines are places in the script.
    private static string FirstLine(string text) => text.Split('\n', 2)[0];
}
