namespace Agb.Protocol;

/// <summary>Source-generated JSON of tools, in the form of <see cref="WireJson"/>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    Converters = [typeof(WireTextConverter)])]
[JsonSerializable(typeof(IReadOnlyList<ToolDescription>))]
[JsonSerializable(typeof(IReadOnlyList<ToolReference>))]
[JsonSerializable(typeof(CodeToolResult))]
internal sealed partial class ToolJson : JsonSerializerContext;
