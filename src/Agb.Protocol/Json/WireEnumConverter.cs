namespace Agb.Protocol;

/// <summary>Enums by their exact names. Numbers, other letter case and lists of names are refused, against undefined
/// values.</summary>
internal sealed class WireEnumConverter<T> : JsonConverter<T>
    where T : struct, Enum
{
    private static readonly Dictionary<string, T> s_values =
        Enum.GetValues<T>().ToDictionary(v => v.ToString(), v => v, StringComparer.Ordinal);

    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.String || !s_values.TryGetValue(reader.GetString() ?? "", out var value))
        {
            throw new JsonException($"Expected one of {string.Join(", ", s_values.Keys)}.");
        }
        return value;
    }

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}
