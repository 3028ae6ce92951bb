using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Agb.Protocol;

/// <summary>Sync policies as JSON, sent as a string in persistenceDataList.</summary>
public static class SyncPolicyJson
{
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The JSON of a policy, with every section; mappingPolicy only with a mapping.</summary>
    public static string Write(AgbSyncPolicy policy)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer, s_options))
        {
            writer.WriteStartObject();
            WriteTransfers(writer, policy);
            WriteContent(writer, policy);
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Reads a policy. Absent or null sections and fields have their defaults, unknown ones are ignored. Paths are not
    /// checked: see <see cref="AgbSyncPolicy.Validate"/>.</summary>
    /// <param name="json">The JSON; null or empty is the default policy.</param>
    /// <exception cref="AgbException">InvalidPolicy, naming the field, its value and the expectation.</exception>
    public static AgbSyncPolicy Read(string? json)
    {
        if (string.IsNullOrWhiteSpace(json))
        {
            return new AgbSyncPolicy();
        }
        try
        {
            using var document = JsonDocument.Parse(json);
            return new PolicyReader(document.RootElement).Read();
        }
        // System.Text.Json throws InvalidOperationException for a string with an unpaired surrogate.
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            throw new AgbException(
                AgbErrorIds.InvalidPolicy, AgbErrorKind.InvalidInput, $"The sync policy is not valid JSON: {e.Message}",
                "Send the policy as a JSON object in a string.", inner: e);
        }
    }

    private static void WriteTransfers(Utf8JsonWriter writer, AgbSyncPolicy policy)
    {
        writer.WriteStartObject("uploadPolicy");
        writer.WriteBoolean("autoUpload", policy.Upload.AutoUpload);
        writer.WriteString("uploadStrategy", policy.Upload.UploadStrategy.ToString());
        writer.WriteString("uploadMode", policy.Upload.UploadMode.ToString());
        writer.WriteEndObject();
        writer.WriteStartObject("downloadPolicy");
        writer.WriteBoolean("autoDownload", policy.Download.AutoDownload);
        writer.WriteString("downloadStrategy", policy.Download.DownloadStrategy.ToString());
        writer.WriteEndObject();
        writer.WriteStartObject("deletePolicy");
        writer.WriteBoolean("syncLocalFile", policy.Delete.SyncLocalFile);
        writer.WriteEndObject();
        writer.WriteStartObject("extractPolicy");
        writer.WriteBoolean("extract", policy.Extract.Extract);
        writer.WriteBoolean("deleteSrcFile", policy.Extract.DeleteSrcFile);
        writer.WriteBoolean("extractToCurrentFolder", policy.Extract.ExtractToCurrentFolder);
        writer.WriteEndObject();
    }

    private static void WriteContent(Utf8JsonWriter writer, AgbSyncPolicy policy)
    {
        writer.WriteStartObject("recyclePolicy");
        writer.WriteString("lifecycle", policy.Recycle.Lifecycle.ToString());
        WritePaths(writer, "paths", policy.Recycle.Paths);
        writer.WriteEndObject();
        writer.WriteStartObject("bwList");
        writer.WriteStartArray("whiteLists");
        foreach (var entry in policy.WhiteLists)
        {
            writer.WriteStartObject();
            writer.WriteString("path", entry.Path);
            WritePaths(writer, "excludePaths", entry.ExcludePaths);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
        if (policy.Mapping is { } mapping)
        {
            writer.WriteStartObject("mappingPolicy");
            writer.WriteString("path", mapping.Path);
            writer.WriteEndObject();
        }
    }

    private static void WritePaths(Utf8JsonWriter writer, string name, IReadOnlyList<string> paths)
    {
        writer.WriteStartArray(name);
        foreach (var path in paths)
        {
            writer.WriteStringValue(path);
        }
        writer.WriteEndArray();
    }
}
