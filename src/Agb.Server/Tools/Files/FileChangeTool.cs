using System.Text.Json.Serialization;
using System.Text;
using System.Text.Json;

namespace Agb.Server;

/// <summary>Reports changes below a directory since the previous call. The previous state is stored in the session.</summary>
internal sealed class FileChangeTool : SessionTool
{
    internal override string Name => "get_file_change";

    internal override string Description =>
        "Reports created, modified and deleted files below a directory since the previous call. The first call reports nothing.";

    internal override string InputSchema =>
        """{"type":"object","properties":{"path":{"type":"string"}},"required":["path"]}""";

    private protected override async Task<ToolResult> RunAsync(ToolCall call, CancellationToken cancellationToken)
    {
        var path = call.Path("path").TrimEnd('/') is { Length: > 0 } trimmed ? trimmed : "/";
        var answer = await SessionScript.RunAsync(
            call,
            """
            [ -d "$P" ] || { echo "$P: no such directory." >&2; exit 1; }
            seen=/var/tmp/.agb-watch; mkdir -p -m 700 "$seen" || exit 1
            seen=$seen/$(printf %s "$P" | sha256sum | cut -c 1-64)
            now=$(mktemp "$seen.XXXXXX") || exit 1
            find "$P" -mindepth 1 -printf '%y %i %s %T@ %C@ %P\0' > "$now" 2>/dev/null
            if [ -e "$seen" ]; then cat "$seen"; printf '=\0'; cat "$now"; fi
            mv -f "$now" "$seen"
            """,
            cancellationToken, null, ("P", path)).ConfigureAwait(false);
        return new ToolResult(JsonSerializer.Serialize(Changes(path, Encoding.UTF8.GetString(answer)), ChangedFileJson.Default.ChangedFileArray));
    }

    private static ChangedFile[] Changes(string path, string answer)
    {
        var entries = answer.Split('\0');
        var middle = Array.IndexOf(entries, "=");
        if (middle < 0)
        {
            return [];
        }
        var before = Entries(entries[..middle]);
        var now = Entries(entries[(middle + 1)..]);
        var changes = new List<ChangedFile>();
        foreach (var (name, entry) in now)
        {
            if (!before.TryGetValue(name, out var earlier))
            {
                changes.Add(Change("create", path, name, entry));
            }
            else if (earlier != entry)
            {
                changes.Add(Change("modify", path, name, entry));
            }
        }
        changes.AddRange(before.Where(b => !now.ContainsKey(b.Key)).Select(b => Change("delete", path, b.Key, b.Value)));
        return [.. changes.OrderBy(c => c.Path, StringComparer.Ordinal)];
    }

    private static Dictionary<string, string> Entries(IEnumerable<string> lines)
    {
        // Type, inode, size, mtime and ctime; then the name, which may contain spaces.
        const int Fields = 6;
        var entries = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in lines)
        {
            var parts = line.Split(' ', Fields);
            if (parts.Length == Fields)
            {
                // A directory's times change with its entries, and these have events already.
                entries[parts[^1]] = parts[0] == "d" ? "d" : string.Join(' ', parts[..^1]);
            }
        }
        return entries;
    }

    private static ChangedFile Change(string type, string path, string name, string entry) =>
        new(type, $"{path.TrimEnd('/')}/{name}", entry == "d" ? "directory" : "file");
}

/// <summary>One change, in the form of the protocol.</summary>
/// <param name="EventType"><c>create</c>, <c>modify</c> or <c>delete</c>.</param>
/// <param name="Path">The absolute path.</param>
/// <param name="PathType"><c>file</c> or <c>directory</c>.</param>
internal sealed record ChangedFile(string EventType, string Path, string PathType);

/// <summary>Source-generated JSON of the tool's answer.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ChangedFile[]))]
internal sealed partial class ChangedFileJson : JsonSerializerContext;
