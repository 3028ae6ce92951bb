using System.Text.Json.Serialization;

namespace Agb.Store;

/// <summary>JSON values of the catalog.</summary>
[JsonSourceGenerationOptions(UseStringEnumConverter = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(AgbSyncPolicy))]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(AgbSessionLimits))]
internal sealed partial class CatalogJson : JsonSerializerContext;
