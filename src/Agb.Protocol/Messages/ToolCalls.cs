namespace Agb.Protocol;

/// <summary>The body of a tool call by the API route.</summary>
/// <param name="Args">The arguments: a JSON object in a string.</param>
/// <param name="SessionId">The session.</param>
/// <param name="Name">The tool.</param>
/// <param name="Server">The tool's server, if known.</param>
public sealed record CallToolBody(string? Args = null, string? SessionId = null, string? Name = null, string? Server = null);

/// <summary>The answer of a tool.</summary>
/// <param name="IsError">Whether the tool failed.</param>
/// <param name="Content">The content. Never empty from our servers: clients read an empty list as no answer.</param>
/// <param name="AgbError">The full error of a failed tool; only from an Agb server.</param>
public sealed record ToolResultData(bool IsError = false, IReadOnlyList<ToolContent>? Content = null, WireError? AgbError = null)
{
    /// <summary>A result of one text.</summary>
    public static ToolResultData FromText(string text, bool isError = false) =>
        new() { IsError = isError, Content = [new ToolContent { Type = ToolContent.TextType, Text = text }] };

    /// <summary>All text items, joined by line ends; without text, the first item's other content.</summary>
    public string JoinText()
    {
        var items = Content ?? [];
        var texts = items.Where(i => i.Text is not null && i.Type is ToolContent.TextType or null).ToArray();
        return texts.Length > 0
            ? string.Join('\n', texts.Select(i => i.Text))
            : items.Select(i => i.Text ?? i.Blob ?? i.Data).FirstOrDefault(t => t is not null) ?? "";
    }
}

/// <summary>One item of a tool's answer.</summary>
/// <param name="Type"><c>text</c> or <c>image</c>.</param>
/// <param name="Text">The text.</param>
/// <param name="Blob">Base64, in an item without text.</param>
/// <param name="Data">Base64 of an image.</param>
public sealed record ToolContent(string? Type = null, string? Text = null, string? Blob = null, string? Data = null)
{
    /// <summary>The type of text items.</summary>
    public const string TextType = "text";
}

/// <summary>The body of a tool call by the link route.</summary>
/// <param name="Args">The arguments: a real object here.</param>
/// <param name="Server">The tool's server.</param>
/// <param name="RequestId">The request's id, chosen by the client.</param>
/// <param name="Tool">The tool.</param>
/// <param name="Token">The session's secret, also in the header <see cref="WireHeaders.AccessToken"/>.</param>
public sealed record LinkCallBody(
    JsonElement? Args = null, string? Server = null, string? RequestId = null, string? Tool = null, string? Token = null);

/// <summary>The data of the link route's answer. Other services may send it as JSON in a string.</summary>
/// <param name="Result">The answer of the tool.</param>
public sealed record LinkCallReply(ToolResultData? Result = null);

/// <summary>A full description of a tool, in listTools' answer.</summary>
/// <param name="Name">The name.</param>
/// <param name="Description">The description.</param>
/// <param name="InputSchema">The JSON Schema of its arguments.</param>
/// <param name="Server">Its server.</param>
/// <param name="Tool">The name again.</param>
public sealed record ToolDescription(
    string? Name = null, string? Description = null, JsonElement? InputSchema = null, string? Server = null, string? Tool = null);

/// <summary>One tool of a session's toolList.</summary>
/// <param name="Name">The name.</param>
/// <param name="Server">Its server; a tool without one goes by the API route.</param>
public sealed record ToolReference(string? Name = null, string? Server = null);

/// <summary>Names of HTTP headers.</summary>
public static class WireHeaders
{
    /// <summary>The API key, as <c>Bearer KEY</c>.</summary>
    public const string Authorization = "authorization";

    /// <summary>The secret of the link route and the WebSocket.</summary>
    public const string AccessToken = "X-Access-Token";

    /// <summary>The request's id, in answers.</summary>
    public const string RequestId = "x-request-id";
}
