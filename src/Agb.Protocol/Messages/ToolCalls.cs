using System.Text.Json;

namespace Agb.Protocol;

/// <summary>The body of a tool call by the API route.</summary>
public sealed record CallToolBody
{
    /// <summary>The arguments: a JSON object in a string.</summary>
    public string? Args { get; init; }

    /// <summary>The session.</summary>
    public string? SessionId { get; init; }

    /// <summary>The tool.</summary>
    public string? Name { get; init; }

    /// <summary>The tool's server, if known.</summary>
    public string? Server { get; init; }
}

/// <summary>The answer of a tool.</summary>
public sealed record ToolResultData
{
    /// <summary>Whether the tool failed.</summary>
    public bool IsError { get; init; }

    /// <summary>The content. Never empty from our servers: clients read an empty list as no answer.</summary>
    public IReadOnlyList<ToolContent>? Content { get; init; }

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
public sealed record ToolContent
{
    /// <summary>The type of text items.</summary>
    public const string TextType = "text";

    /// <summary><c>text</c> or <c>image</c>.</summary>
    public string? Type { get; init; }

    /// <summary>The text.</summary>
    public string? Text { get; init; }

    /// <summary>Base64, in an item without text.</summary>
    public string? Blob { get; init; }

    /// <summary>Base64 of an image.</summary>
    public string? Data { get; init; }
}

/// <summary>The body of a tool call by the link route.</summary>
public sealed record LinkCallBody
{
    /// <summary>The arguments: a real object here.</summary>
    public JsonElement? Args { get; init; }

    /// <summary>The tool's server.</summary>
    public string? Server { get; init; }

    /// <summary>The request's id, chosen by the client.</summary>
    public string? RequestId { get; init; }

    /// <summary>The tool.</summary>
    public string? Tool { get; init; }

    /// <summary>The session's secret, also in the header <see cref="WireHeaders.AccessToken"/>.</summary>
    public string? Token { get; init; }
}

/// <summary>The data of the link route's answer. Other services may send it as JSON in a string.</summary>
public sealed record LinkCallReply
{
    /// <summary>The answer of the tool.</summary>
    public ToolResultData? Result { get; init; }
}

/// <summary>A full description of a tool, in listTools' answer.</summary>
public sealed record ToolDescription
{
    /// <summary>The name.</summary>
    public string? Name { get; init; }

    /// <summary>The description.</summary>
    public string? Description { get; init; }

    /// <summary>The JSON Schema of its arguments.</summary>
    public JsonElement? InputSchema { get; init; }

    /// <summary>Its server.</summary>
    public string? Server { get; init; }

    /// <summary>The name again.</summary>
    public string? Tool { get; init; }
}

/// <summary>One tool of a session's toolList.</summary>
public sealed record ToolReference
{
    /// <summary>The name.</summary>
    public string? Name { get; init; }

    /// <summary>Its server; a tool without one goes by the API route.</summary>
    public string? Server { get; init; }
}

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
