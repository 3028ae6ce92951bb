using System.Text.Json;
using System.Text.Json.Serialization;

namespace Agb.Engine;

/// <summary>Answer of a runner at the end.</summary>
internal sealed record CodeAnswer
{
    /// <summary>The values shown by the code.</summary>
    public IReadOnlyList<CodeValue> Results { get; init; } = [];

    /// <summary>The reason of the failure, or null.</summary>
    public string? Error { get; init; }

    /// <summary>The number of the run in its interpreter, starting at 1.</summary>
    public int Count { get; init; }

    /// <summary>Reads an answer.</summary>
    /// <returns>Null if invalid: the code may have overwritten it.</returns>
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

/// <summary>One value shown by the code.</summary>
/// <param name="Main">Whether it is the value of the last expression.</param>
/// <param name="Mime">Its forms by MIME type.</param>
internal sealed record CodeValue(bool Main, Dictionary<string, string> Mime);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(CodeAnswer))]
internal sealed partial class CodeJson : JsonSerializerContext;
