using System.Text.Json;
using System.Text.Json.Serialization;
using Agb.Server.Tools.Files;

namespace Agb.Server.Tools;

/// <summary>The JSON of the tools' answers.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(FileChange[]))]
internal sealed partial class ToolJson : JsonSerializerContext;
