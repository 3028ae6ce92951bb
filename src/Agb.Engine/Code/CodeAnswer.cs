using System.Text.Json;
using System.Text.Json.Serialization;

namespace Agb.Engine;

/// <summary>What a runner says at the end.</summary>
internal sealed record CodeAnswer
{
    /// <summary>What the code showed.</summary>
    public IReadOnlyList<CodeValue> Results { get; init; } = [];

    /// <summary>Why it failed, or null.</summary>
    public string? Error { get; init; }

    /// <summary>The number of the run in its interpreter, from 1.</summary>
    public int Count { get; init; }

    /// <summary>Reads an answer.</summary>
    /// <returns>Null when it is none: the code may have written over it.</returns>
    internal static CodeAnswer? Read(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, CodeJson.Default.CodeAnswer);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>One value that code showed.</summary>
/// <param name="Main">Whether it is the value of the last expression.</param>
/// <param name="Mime">Its forms by MIME type.</param>
internal sealed record CodeValue(bool Main, Dictionary<string, string> Mime);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(CodeAnswer))]
internal sealed partial class CodeJson : JsonSerializerContext;
