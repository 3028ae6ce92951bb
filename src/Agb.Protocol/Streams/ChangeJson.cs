namespace Agb.Protocol;

/// <summary>Source-generated JSON of changes of files, in the form of <see cref="WireJson"/>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    Converters = [typeof(WireTextConverter), typeof(WireEnumConverter<FileChangeKind>)])]
[JsonSerializable(typeof(FileChange))]
internal sealed partial class ChangeJson : JsonSerializerContext;
