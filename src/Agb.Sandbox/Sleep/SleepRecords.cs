using System.Text.Json;
using System.Text.Json.Serialization;

namespace Agb.Sandbox;

/// <summary>The record of a suspension, written before the first process is suspended and removed after the last one runs. Its file says
/// that the session has to be resumed before its use.</summary>
/// <param name="BootId">The boot of the suspension.</param>
/// <param name="Group">The control group with the processes; null for a suspension by signals.</param>
/// <param name="Kept">Processes that were stopped before, by the session itself; null for a suspension by a control group.</param>
/// <param name="Stopped">The processes stopped by signals; null until all are.</param>
internal sealed record SleepRecord(
    string BootId, FreezerGroup? Group, IReadOnlyList<ProcessName>? Kept = null, IReadOnlyList<ProcessName>? Stopped = null);

/// <summary>A process of one boot.</summary>
internal sealed record ProcessName(int Pid, long StartTime)
{
    /// <summary>The name of a listed process.</summary>
    public static ProcessName Of(ProcessEntry entry) => new(entry.Pid, entry.StartTime);
}

/// <summary>The records about sleep in a session's directory.</summary>
internal static class SleepRecords
{
    /// <summary>Whether a suspension was begun and not undone.</summary>
    public static bool IsAsleep(string directory) => File.Exists(Path.Combine(directory, SessionLayout.Asleep));

    /// <summary>Writes the record of the suspension.</summary>
    public static void Write(string directory, SleepRecord record) => AtomicFile.Replace(
        Path.Combine(directory, SessionLayout.Asleep), JsonSerializer.SerializeToUtf8Bytes(record, SleepJson.Default.SleepRecord), AtomicFile.OwnerOnly);

    /// <summary>Reads the record of the suspension, or null.</summary>
    public static SleepRecord? TryRead(string directory) => TryRead(directory, SessionLayout.Asleep, SleepJson.Default.SleepRecord);

    /// <summary>Removes the record of the suspension.</summary>
    public static void Remove(string directory) => File.Delete(Path.Combine(directory, SessionLayout.Asleep));

    /// <summary>Writes the group that freezes the session. It is kept until the end of the session.</summary>
    public static void Write(string directory, FreezerGroup group) => AtomicFile.Replace(
        Path.Combine(directory, SessionLayout.Freezer), JsonSerializer.SerializeToUtf8Bytes(group, SleepJson.Default.FreezerGroup), AtomicFile.OwnerOnly);

    /// <summary>Reads the group that freezes the session, or null.</summary>
    public static FreezerGroup? TryReadGroup(string directory) => TryRead(directory, SessionLayout.Freezer, SleepJson.Default.FreezerGroup);

    /// <summary>Removes the record of the group.</summary>
    public static void RemoveGroup(string directory) => File.Delete(Path.Combine(directory, SessionLayout.Freezer));

    private static T? TryRead<T>(string directory, string name, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(Path.Combine(directory, name)), type);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            // Moved into place whole: only a power cut can tear it, and no process outlives that.
            return null;
        }
    }
}

/// <summary>Source-generated JSON of the records.</summary>
[JsonSourceGenerationOptions(IgnoreReadOnlyProperties = true)]
[JsonSerializable(typeof(SleepRecord))]
[JsonSerializable(typeof(FreezerGroup))]
internal sealed partial class SleepJson : JsonSerializerContext;
