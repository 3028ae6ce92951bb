using System.Text.Json;
using System.Text.Json.Serialization;

namespace Agb.PowerShell;

/// <summary>Identifies the process of a data directory's server; stored there in <c>server.json</c>.</summary>
/// <param name="Endpoint">The server's address.</param>
/// <param name="ProcessId">The process id.</param>
/// <param name="StartTime">The process's start, in clock ticks since boot (proc(5), field 22 of stat). It tells this process
/// from a later one with the same number.</param>
/// <param name="BootId">The boot of the process and its start time.</param>
internal sealed record ServerRecord(string Endpoint, int ProcessId, long StartTime, string BootId)
{
    private const string FileName = "server.json";
    private const string BootIdFile = "/proc/sys/kernel/random/boot_id";

    /// <summary>The record of a running process; null when it does not run.</summary>
    internal static ServerRecord? Of(int processId, string endpoint) =>
        ReadStartTime(processId) is { } start ? new ServerRecord(endpoint, processId, start, File.ReadAllText(BootIdFile).Trim()) : null;

    /// <summary>The running server of a data directory, or null.</summary>
    internal static ServerRecord? Read(string dataDirectory)
    {
        try
        {
            var record = JsonSerializer.Deserialize(File.ReadAllBytes(Path.Combine(dataDirectory, FileName)), ServerJson.Default.ServerRecord);
            return record is { IsAlive: true } ? record : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            // No record, or half a file after a power cut.
            return null;
        }
    }

    /// <summary>Writes the record.</summary>
    internal void Write(string dataDirectory)
    {
        var path = Path.Combine(dataDirectory, FileName);
        File.WriteAllBytes(path + ".new", JsonSerializer.SerializeToUtf8Bytes(this, ServerJson.Default.ServerRecord));
        File.Move(path + ".new", path, overwrite: true);
    }

    /// <summary>Removes the record of a data directory.</summary>
    internal static void Forget(string dataDirectory) => File.Delete(Path.Combine(dataDirectory, FileName));

    /// <summary>Whether the process still runs.</summary>
    [JsonIgnore]
    internal bool IsAlive => ReadStartTime(ProcessId) == StartTime && File.ReadAllText(BootIdFile).Trim() == BootId;

    private static long? ReadStartTime(int processId)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{processId.ToString(CultureInfo.InvariantCulture)}/stat");
            // The name in parentheses may hold anything; field 3 follows it. A zombie has ended.
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] == "Z" ? null : long.Parse(fields[19], CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

[JsonSerializable(typeof(ServerRecord))]
internal sealed partial class ServerJson : JsonSerializerContext;
