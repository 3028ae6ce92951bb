using System.Text.Json;
using System.Text.Json.Serialization;

namespace Agb.Engine;

/// <summary>A started browser of a session, for every process that uses the engine.</summary>
/// <param name="Pid">The host pid of the browser process, leader of the process group of all its processes.</param>
/// <param name="StartTime">Its start time (proc(5), field 22 of stat).</param>
/// <param name="BootId">The boot of both.</param>
/// <param name="Request">The options.</param>
/// <param name="Sources">The state of the extensions' files at the start.</param>
internal sealed record BrowserRecord(int Pid, long StartTime, string BootId, AgbBrowserRequest Request, IReadOnlyList<string> Sources)
{
    /// <summary>Whether it answers; false during a start, and after one interrupted by the death of its process.</summary>
    public bool IsReady { get; init; }

    /// <summary>The path of its WebSocket.</summary>
    public string Path { get; init; } = "";

    /// <summary>Name and version.</summary>
    public string Version { get; init; } = "";

    /// <summary>The directories of the loaded extensions.</summary>
    public IReadOnlyList<string> Extensions { get; init; } = [];

    /// <summary>Whether the browser process lives.</summary>
    internal bool IsAlive => BootId == ProcessTable.ReadBootId() && ProcessTable.IsAlive(Pid, StartTime);

    /// <summary>Whether a start with these options and files would make the same browser.</summary>
    internal bool IsFor(AgbBrowserRequest request, IReadOnlyList<string> sources) =>
        JsonSerializer.Serialize(request, BrowserJson.Default.AgbBrowserRequest) == JsonSerializer.Serialize(Request, BrowserJson.Default.AgbBrowserRequest)
        && sources.SequenceEqual(Sources);
}

/// <summary>JSON of records.</summary>
[JsonSourceGenerationOptions(UseStringEnumConverter = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(BrowserRecord))]
[JsonSerializable(typeof(AgbBrowserRequest))]
internal sealed partial class BrowserJson : JsonSerializerContext;
