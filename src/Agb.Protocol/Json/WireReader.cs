using System.Text;
using System.Text.Json.Serialization.Metadata;

namespace Agb.Protocol;

/// <summary>Reads messages; malformed ones are typed errors.</summary>
public static class WireReader
{
    /// <summary>Reads a message.</summary>
    /// <param name="json">UTF-8; empty or blank is an empty object.</param>
    /// <param name="type">The message's type.</param>
    /// <param name="what">The message's name for the error, such as <c>request body</c>.</param>
    /// <exception cref="AgbException">InvalidRequest: no JSON, nested too deep, a wrong type, an invalid value.</exception>
    public static T Read<T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> type, string what)
        where T : class
    {
        var text = json.TrimStart(" \t\r\n"u8);
        return Guard(what, text.IsEmpty ? "{}"u8 : text, t => JsonSerializer.Deserialize(t, type));
    }

    /// <summary>Reads a message from text, such as a string in another message.</summary>
    /// <exception cref="AgbException">InvalidRequest.</exception>
    public static T Read<T>(string json, JsonTypeInfo<T> type, string what)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(json, type) ?? throw Invalid(what, "it is null", null);
        }
        catch (Exception e) when (IsMalformed(e))
        {
            throw Invalid(what, ReasonOf(e), e);
        }
    }

    /// <summary>Reads a message from a part of another.</summary>
    /// <exception cref="AgbException">InvalidRequest.</exception>
    public static T Read<T>(JsonElement json, JsonTypeInfo<T> type, string what)
        where T : class
    {
        try
        {
            return json.Deserialize(type) ?? throw Invalid(what, "it is null", null);
        }
        catch (Exception e) when (IsMalformed(e))
        {
            throw Invalid(what, ReasonOf(e), e);
        }
    }

    /// <summary>Reads a JSON object without fixed members.</summary>
    /// <param name="json">The text; null or empty is an empty object.</param>
    /// <param name="what">The object's name for the error.</param>
    /// <exception cref="AgbException">InvalidRequest.</exception>
    public static JsonElement ReadObject(string? json, string what)
    {
        try
        {
            using var document = JsonDocument.Parse(string.IsNullOrWhiteSpace(json) ? "{}" : json);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? document.RootElement.Clone()
                : throw Invalid(what, $"expected an object, found {document.RootElement.ValueKind}", null);
        }
        catch (Exception e) when (IsMalformed(e))
        {
            throw Invalid(what, ReasonOf(e), e);
        }
    }

    /// <summary>Reads a JSON string, including unpaired surrogates: JSON allows them, but System.Text.Json would throw.</summary>
    public static string ReadText(JsonElement value)
    {
        var raw = value.GetRawText();
        if (!raw.Contains("\\u", StringComparison.Ordinal))
        {
            return value.GetString()!;
        }
        var text = new StringBuilder(raw.Length);
        for (var i = 1; i < raw.Length - 1; i++)
        {
            if (raw[i] != '\\')
            {
                text.Append(raw[i]);
                continue;
            }
            i++;
            if (raw[i] == 'u')
            {
                text.Append((char)ushort.Parse(raw.AsSpan(i + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
                i += 4;
                continue;
            }
            text.Append(raw[i] switch { 'b' => '\b', 'f' => '\f', 'n' => '\n', 'r' => '\r', 't' => '\t', var other => other });
        }
        return text.ToString();
    }

    /// <summary>Replaces each unpaired surrogate by U+FFFD, to make the text readable as JSON.</summary>
    public static string Whole(string text) => WireTextConverter.Clean(text);

    /// <summary>Whether an exception of System.Text.Json means malformed text. It reports unpaired surrogates as
    /// ArgumentException or InvalidOperationException.</summary>
    internal static bool IsMalformed(Exception e) =>
        e is JsonException or ArgumentException or InvalidOperationException or FormatException or NotSupportedException or OverflowException;

    private static T Guard<T>(string what, ReadOnlySpan<byte> json, Parser<T> parse)
        where T : class
    {
        try
        {
            return parse(json) ?? throw Invalid(what, "it is null", null);
        }
        catch (Exception e) when (IsMalformed(e))
        {
            throw Invalid(what, ReasonOf(e), e);
        }
    }

    /// <summary>The reason without .NET type names: System.Text.Json puts them into its messages for values of the wrong
    /// kind.</summary>
    private static string ReasonOf(Exception e) =>
        !e.Message.Contains("System.", StringComparison.Ordinal) && !e.Message.Contains("Agb.", StringComparison.Ordinal) ? e.Message
        : e is JsonException { Path: { } path } ? $"the value at {path} is of another kind than expected, or lacks a member"
        : "a value in it is of another kind than expected";

    private static AgbException Invalid(string what, string why, Exception? inner) => new(
        AgbErrorIds.InvalidRequest, AgbErrorKind.InvalidInput,
        $"The {what} can't be read: {why.TrimEnd('.')}.", "Send a JSON object with the members of the protocol.", what, inner);

    private delegate T? Parser<T>(ReadOnlySpan<byte> json);
}
