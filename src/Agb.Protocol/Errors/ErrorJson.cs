namespace Agb.Protocol;

/// <summary>Source-generated JSON of errors, in the form of <see cref="WireJson"/>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    Converters = [typeof(WireTextConverter), typeof(WireEnumConverter<AgbErrorKind>)])]
[JsonSerializable(typeof(WireError))]
internal sealed partial class ErrorJson : JsonSerializerContext;
