using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Agb.PowerShell.Servers;

/// <summary>What is kept in a server's data directory to find its process again: in file <c>server.json</c>.</summary>
/// <param name="Endpoint">The address that it answers at.</param>
/// <param name="ProcessId">Its process.</param>
/// <param name="StartTime">When that process started, in clock ticks since boot (proc(5), field 22 of stat): a number that was
/// given to another process since has another one.</param>
/// <param name="BootId">The boot that both belong to.</param>
internal sealed record ServerRecord(string Endpoint, int ProcessId, long StartTime, string BootId)
{
    private const string FileName = "server.json";
    private const string BootIdFile = "/proc/sys/kernel/random/boot_id";

    /// <summary>The record of a process that runs now; null when it does not.</summary>
    internal static ServerRecord? Of(int processId, string endpoint) =>
        ReadStartTime(processId) is { } start ? new ServerRecord(endpoint, processId, start, File.ReadAllText(BootIdFile).Trim()) : null;

    /// <summary>The server of a data directory that runs now, or null.</summary>
    internal static ServerRecord? Read(string dataDirectory)
    {
        try
        {
            var record = JsonSerializer.Deserialize(File.ReadAllBytes(Path.Combine(dataDirectory, FileName)), ServerJson.Default.ServerRecord);
            return record is { IsAlive: true } ? record : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            // There was none, or a power cut left half a file.
            return null;
        }
    }

    /// <summary>Keeps the record.</summary>
    internal void Write(string dataDirectory)
    {
        var path = Path.Combine(dataDirectory, FileName);
        File.WriteAllBytes(path + ".new", JsonSerializer.SerializeToUtf8Bytes(this, ServerJson.Default.ServerRecord));
        File.Move(path + ".new", path, overwrite: true);
    }

    /// <summary>Forgets the server of a data directory.</summary>
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
