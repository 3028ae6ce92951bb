using System.Text.Json.Nodes;

namespace Agb.Server;

/// <summary>An argument of a tool.</summary>
/// <param name="Name">The name.</param>
/// <param name="Type">The type in JSON Schema: <c>integer</c>, <c>string</c>, <c>boolean</c>, or <c>strings</c> for an array of strings.</param>
/// <param name="Description">The description.</param>
internal sealed record ToolArgument(string Name, string Type, string Description)
{
    /// <summary>Whether it may be absent.</summary>
    internal bool IsOptional { get; init; }

    /// <summary>The only values; null for any.</summary>
    internal string[]? Values { get; init; }

    /// <summary>The JSON Schema of arguments.</summary>
    internal static string Schema(IReadOnlyList<ToolArgument> arguments)
    {
        var properties = new JsonObject();
        foreach (var argument in arguments)
        {
            var property = new JsonObject { ["type"] = argument.Type == "strings" ? "array" : argument.Type, ["description"] = argument.Description };
            if (argument.Type == "strings")
            {
                property["items"] = new JsonObject { ["type"] = "string" };
            }
            if (argument.Values is { } values)
            {
                property["enum"] = new JsonArray([.. values.Select(v => JsonValue.Create(v))]);
            }
            properties[argument.Name] = property;
        }
        return new JsonObject
        {
            ["type"] = "object",
            ["properties"] = properties,
            ["required"] = new JsonArray([.. arguments.Where(a => !a.IsOptional).Select(a => JsonValue.Create(a.Name))]),
        }.ToJsonString();
    }
}
