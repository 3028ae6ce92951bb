namespace Agb.Protocol;

/// <summary>Source-generated JSON of sync tasks, in the form of <see cref="WireJson"/>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    Converters = [typeof(WireTextConverter)])]
[JsonSerializable(typeof(IReadOnlyList<SyncTaskItem>))]
[JsonSerializable(typeof(IReadOnlyList<ContextStatusGroup>))]
internal sealed partial class TaskJson : JsonSerializerContext;
