using System.Text.Json;
using System.Text.Json.Serialization;

namespace Agb.Sandbox;

/// <summary>The record of a start, written before its first process runs, for a clean-up by any process.</summary>
/// <param name="BootId">The boot of the start.</param>
/// <param name="Tag">The tag of its processes.</param>
/// <param name="Groups">Its control groups; null in records of versions without them.</param>
internal sealed record LaunchRecord(string BootId, ulong Tag, IReadOnlyList<string>? Groups = null)
{
    /// <summary>Writes the record atomically.</summary>
    public void Write(string sessionDirectory) => AtomicFile.Replace(
        Path.Combine(sessionDirectory, SessionLayout.Launch),
        JsonSerializer.SerializeToUtf8Bytes(this, SandboxJson.Default.LaunchRecord), AtomicFile.OwnerOnly);

    /// <summary>Reads the record.</summary>
    /// <returns>Null when no sandbox was ever started in that directory.</returns>
    public static LaunchRecord? TryRead(string sessionDirectory)
    {
        try
        {
            var bytes = File.ReadAllBytes(Path.Combine(sessionDirectory, SessionLayout.Launch));
            return JsonSerializer.Deserialize(bytes, SandboxJson.Default.LaunchRecord);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            // The record is moved into place whole before anything starts. Only a power cut can tear it, and no process
            // outlives that.
            return null;
        }
    }
}

/// <summary>Bubblewrap's info.</summary>
/// <param name="ChildPid">The host pid of the sandbox's first process.</param>
internal sealed record BubblewrapInfo([property: JsonPropertyName("child-pid")] int ChildPid);

/// <summary>Source-generated JSON of this directory's records.</summary>
[JsonSerializable(typeof(LaunchRecord))]
[JsonSerializable(typeof(BubblewrapInfo))]
internal sealed partial class SandboxJson : JsonSerializerContext;
