using System.Text.Json.Serialization;

namespace Agb.Store;

/// <summary>What the catalog keeps as JSON.</summary>
[JsonSourceGenerationOptions(UseStringEnumConverter = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(AgbSyncPolicy))]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(AgbSessionLimits))]
internal sealed partial class CatalogJson : JsonSerializerContext;
