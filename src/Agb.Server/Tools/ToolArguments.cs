using System.Text.Json;

namespace Agb.Server;

/// <summary>A missing or invalid argument of a tool. Its message is the tool's answer.</summary>
internal sealed class ToolArgumentException(string message) : Exception(message);

/// <summary>Reads the arguments of a tool call.</summary>
internal static class ToolArguments
{
    /// <summary>A required text.</summary>
    internal static string Text(this ToolCall call, string name) =>
        call.OptionalText(name) ?? throw new ToolArgumentException($"The argument '{name}' is missing; expected a string.");

    /// <summary>An optional text.</summary>
    internal static string? OptionalText(this ToolCall call, string name) => call.Find(name) is { } value
        ? value.ValueKind == JsonValueKind.String ? WireReader.ReadText(value) : throw Wrong(name, "a string", value)
        : null;

    /// <summary>A required path.</summary>
    internal static string Path(this ToolCall call, string name) => CheckPath(call.Text(name), name);

    /// <summary>A required list of paths.</summary>
    internal static IReadOnlyList<string> Paths(this ToolCall call, string name) =>
        [.. (call.OptionalTexts(name) ?? throw new ToolArgumentException($"The argument '{name}' is missing; expected an array of strings."))
            .Select(p => CheckPath(p, name))];

    /// <summary>An optional array of texts.</summary>
    internal static IReadOnlyList<string>? OptionalTexts(this ToolCall call, string name)
    {
        if (call.Find(name) is not { } value)
        {
            return null;
        }
        return value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(i => i.ValueKind == JsonValueKind.String)
            ? [.. value.EnumerateArray().Select(WireReader.ReadText)]
            : throw Wrong(name, "an array of strings", value);
    }

    /// <summary>An optional integer.</summary>
    internal static long? OptionalInteger(this ToolCall call, string name, long least, long most)
    {
        if (call.Find(name) is not { } value)
        {
            return null;
        }
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number >= least && number <= most
            ? number
            : throw Wrong(name, $"an integer from {least} to {most}", value);
    }

    /// <summary>A required number of pixels.</summary>
    internal static int Pixels(this ToolCall call, string name) => (int)(call.OptionalInteger(name, int.MinValue, int.MaxValue)
        ?? throw new ToolArgumentException($"The argument '{name}' is missing; expected an integer."));

    /// <summary>The session of the call.</summary>
    internal static SessionId Session(this ToolCall call) => new(call.SessionId);

    /// <summary>An optional true or false.</summary>
    internal static bool Flag(this ToolCall call, string name) => call.Find(name) is { } value
        && (value.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? value.GetBoolean()
            : throw Wrong(name, "true or false", value));

    /// <summary>An optional object with text values.</summary>
    internal static IReadOnlyDictionary<string, string> Map(this ToolCall call, string name)
    {
        if (call.Find(name) is not { } value)
        {
            return new Dictionary<string, string>();
        }
        if (value.ValueKind != JsonValueKind.Object || value.EnumerateObject().Any(p => p.Value.ValueKind != JsonValueKind.String))
        {
            throw Wrong(name, "an object with strings as values", value);
        }
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var property in value.EnumerateObject())
        {
            map[ReadNames(() => property.Name)] = WireReader.ReadText(property.Value);
        }
        return map;
    }

    /// <summary>An argument, present and not null.</summary>
    internal static JsonElement? Find(this ToolCall call, string name) =>
        call.Arguments.ValueKind == JsonValueKind.Object
        && ReadNames(() => call.Arguments.TryGetProperty(name, out var found) ? found : default) is var value
        && value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined)
            ? value
            : null;

    // System.Text.Json throws InvalidOperationException for a name with half a surrogate pair.
    private static T ReadNames<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException)
        {
            throw new ToolArgumentException("A name in the arguments contains half a surrogate pair.");
        }
    }

    internal static ToolArgumentException Wrong(string name, string expected, JsonElement value)
    {
        const int Shown = 60;
        var text = value.GetRawText();
        return new ToolArgumentException(
            $"The argument '{name}' is {(text.Length > Shown ? text[..Shown] + "..." : text)}; expected {expected}.");
    }

    private static string CheckPath(string path, string name) =>
        path.Length == 0 ? throw new ToolArgumentException($"The argument '{name}' is empty; expected a path.")
        : path.Contains('\0') ? throw new ToolArgumentException($"The argument '{name}' contains a NUL character, invalid in paths.")
        : System.Text.Encoding.UTF8.GetByteCount(path) > LinuxPath.MaxPathBytes
            ? throw new ToolArgumentException($"The argument '{name}' has more than {LinuxPath.MaxPathBytes} bytes.")
        : path;
}
