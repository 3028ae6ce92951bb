using System.Text.Encodings.Web;
using System.Text.Json.Nodes;

namespace Agb.Protocol;

/// <summary>Sync policies as JSON, sent as a string in persistenceDataList.</summary>
public static class SyncPolicyJson
{
    private static readonly JsonSerializerOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The JSON of a policy, with every section; mappingPolicy only with a mapping.</summary>
    public static string Write(AgbSyncPolicy policy)
    {
        var json = new JsonObject
        {
            ["uploadPolicy"] = new JsonObject
            {
                ["autoUpload"] = policy.Upload.AutoUpload,
                ["uploadStrategy"] = policy.Upload.UploadStrategy.ToString(),
                ["uploadMode"] = policy.Upload.UploadMode.ToString(),
            },
            ["downloadPolicy"] = new JsonObject
            {
                ["autoDownload"] = policy.Download.AutoDownload,
                ["downloadStrategy"] = policy.Download.DownloadStrategy.ToString(),
            },
            ["deletePolicy"] = new JsonObject { ["syncLocalFile"] = policy.Delete.SyncLocalFile },
            ["extractPolicy"] = new JsonObject
            {
                ["extract"] = policy.Extract.Extract,
                ["deleteSrcFile"] = policy.Extract.DeleteSrcFile,
                ["extractToCurrentFolder"] = policy.Extract.ExtractToCurrentFolder,
            },
            ["recyclePolicy"] = new JsonObject { ["lifecycle"] = policy.Recycle.Lifecycle.ToString(), ["paths"] = Paths(policy.Recycle.Paths) },
            ["bwList"] = new JsonObject
            {
                ["whiteLists"] = new JsonArray(
                    [.. policy.WhiteLists.Select(l => new JsonObject { ["path"] = l.Path, ["excludePaths"] = Paths(l.ExcludePaths) })]),
            },
        };
        if (policy.Mapping is { } mapping)
        {
            json["mappingPolicy"] = new JsonObject { ["path"] = mapping.Path };
        }
        return json.ToJsonString(s_options);
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

    private static JsonArray Paths(IReadOnlyList<string> paths) => new([.. paths.Select(p => JsonValue.Create(p))]);
}
