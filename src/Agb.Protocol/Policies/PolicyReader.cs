namespace Agb.Protocol;

/// <summary>Reads the fields of a policy's JSON with their defaults. Errors name the wrong field.</summary>
internal sealed class PolicyReader(JsonElement root)
{
    internal AgbSyncPolicy Read()
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw Wrong("policy", root, "an object");
        }
        var mapping = Section("mappingPolicy");
        return new AgbSyncPolicy
        {
            Upload = Upload(Section("uploadPolicy")),
            Download = Download(Section("downloadPolicy")),
            Delete = new AgbDeletePolicy { SyncLocalFile = Flag(Section("deletePolicy"), "deletePolicy.syncLocalFile", true) },
            Extract = Extract(Section("extractPolicy")),
            Recycle = Recycle(Section("recyclePolicy")),
            WhiteLists = WhiteLists(Section("bwList")),
            Mapping = mapping is null
                ? null
                : new AgbMappingPolicy { Path = Text(mapping, "mappingPolicy.path") ?? throw Missing("mappingPolicy.path", "an absolute path") },
        };
    }

    private static AgbUploadPolicy Upload(JsonElement? section) => new()
    {
        AutoUpload = Flag(section, "uploadPolicy.autoUpload", true),
        UploadStrategy = Word<AgbUploadStrategy>(section, "uploadPolicy.uploadStrategy"),
        UploadMode = Word<AgbUploadMode>(section, "uploadPolicy.uploadMode"),
    };

    private static AgbDownloadPolicy Download(JsonElement? section) => new()
    {
        AutoDownload = Flag(section, "downloadPolicy.autoDownload", true),
        DownloadStrategy = Word<AgbDownloadStrategy>(section, "downloadPolicy.downloadStrategy"),
    };

    private static AgbExtractPolicy Extract(JsonElement? section) => new()
    {
        Extract = Flag(section, "extractPolicy.extract", true),
        DeleteSrcFile = Flag(section, "extractPolicy.deleteSrcFile", true),
        ExtractToCurrentFolder = Flag(section, "extractPolicy.extractToCurrentFolder", false),
    };

    private static AgbRecyclePolicy Recycle(JsonElement? section)
    {
        var standard = new AgbRecyclePolicy();
        return new AgbRecyclePolicy
        {
            Lifecycle = Word<AgbLifecycle>(section, "recyclePolicy.lifecycle"),
            Paths = Paths(section, "recyclePolicy.paths") ?? standard.Paths,
        };
    }

    private static AgbWhiteList[] WhiteLists(JsonElement? section)
    {
        if (Member(section, "bwList.whiteLists") is not { } list)
        {
            return [];
        }
        if (list.ValueKind != JsonValueKind.Array)
        {
            throw Wrong("bwList.whiteLists", list, "an array");
        }
        return [.. list.EnumerateArray().Select(entry => entry.ValueKind == JsonValueKind.Object
            ? new AgbWhiteList
            {
                Path = Text(entry, "whiteLists.path") ?? throw Missing("bwList.whiteLists[].path", "a path below the mount"),
                ExcludePaths = Paths(entry, "whiteLists.excludePaths") ?? [],
            }
            : throw Wrong("bwList.whiteLists[]", entry, "an object"))];
    }

    private JsonElement? Section(string name)
    {
        if (!root.TryGetProperty(name, out var section) || section.ValueKind == JsonValueKind.Null)
        {
            return null;
        }
        return section.ValueKind == JsonValueKind.Object ? section : throw Wrong(name, section, "an object");
    }

    private static bool Flag(JsonElement? section, string field, bool standard) => Member(section, field) switch
    {
        null => standard,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        { } other => throw Wrong(field, other, "true or false"),
    };

    private static T Word<T>(JsonElement? section, string field)
        where T : struct, Enum
    {
        if (Text(section, field) is not { } word)
        {
            return default;
        }
        // Enum.TryParse alone would also take numbers and other letter case.
        return Array.IndexOf(Enum.GetNames<T>(), word) >= 0
            ? Enum.Parse<T>(word)
            : throw AgbErrors.Invalid(
                AgbErrorIds.InvalidPolicy,
                $"The sync policy's {field} is '{word}'; expected one of {string.Join(", ", Enum.GetNames<T>())}.", target: word);
    }

    private static string[]? Paths(JsonElement? section, string field)
    {
        if (Member(section, field) is not { } list)
        {
            return null;
        }
        if (list.ValueKind != JsonValueKind.Array)
        {
            throw Wrong(field, list, "an array of strings");
        }
        return [.. list.EnumerateArray().Select(p => p.ValueKind == JsonValueKind.String ? p.GetString()! : throw Wrong(field + "[]", p, "a string"))];
    }

    private static string? Text(JsonElement? section, string field) => Member(section, field) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        { } other => throw Wrong(field, other, "a string"),
    };

    /// <summary>The member named by the end of a field's name; nothing if absent or null.</summary>
    private static JsonElement? Member(JsonElement? section, string field) =>
        section is { } present && present.TryGetProperty(field[(field.IndexOf('.') + 1)..], out var value) && value.ValueKind != JsonValueKind.Null
            ? value
            : null;

    private static AgbException Wrong(string field, JsonElement value, string expected)
    {
        var text = value.GetRawText();
        return AgbErrors.Invalid(
            AgbErrorIds.InvalidPolicy,
            $"The sync policy's {field} is {(text.Length > 80 ? text[..80] + "..." : text)}; expected {expected}.", target: field);
    }

    private static AgbException Missing(string field, string expected) =>
        AgbErrors.Invalid(AgbErrorIds.InvalidPolicy, $"The sync policy's {field} is missing; expected {expected}.", target: field);
}
