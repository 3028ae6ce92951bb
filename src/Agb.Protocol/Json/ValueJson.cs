namespace Agb.Protocol;

/// <summary>Source-generated JSON of plain values.</summary>
[JsonSourceGenerationOptions(RespectNullableAnnotations = true, Converters = [typeof(WireTextConverter)])]
[JsonSerializable(typeof(Dictionary<string, string>))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(bool))]
[JsonSerializable(typeof(long))]
internal sealed partial class ValueJson : JsonSerializerContext;
