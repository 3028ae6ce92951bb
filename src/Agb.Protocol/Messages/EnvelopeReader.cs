namespace Agb.Protocol;

/// <summary>Reads envelopes as tolerantly as the official clients do.</summary>
internal sealed class EnvelopeReader
{
    private readonly JsonElement _root;

    internal EnvelopeReader(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw new JsonException($"Expected an object, found {root.ValueKind}.");
        }
        // Two calls of the cloud may return a wrapped envelope.
        _root = !Has(root, "success") && root.TryGetProperty("body", out var body) && body.ValueKind == JsonValueKind.Object ? body : root;
    }

    internal Envelope Read()
    {
        var data = Member("data");
        // The place of a list's paging is not guaranteed: at the top, or in the data.
        var paging = data is { ValueKind: JsonValueKind.Object } ? data : null;
        return new Envelope
        {
            RequestId = Text("requestId") ?? "",
            Success = Member("success") is { ValueKind: JsonValueKind.True },
            Code = Text("code") ?? "",
            Message = Text("message") ?? "",
            HttpStatusCode = (int)Math.Clamp(Number(_root, "httpStatusCode") ?? 0, 0, int.MaxValue),
            NextToken = Text("nextToken") ?? Text(paging, "nextToken"),
            MaxResults = (int?)Math.Clamp(Number(_root, "maxResults") ?? Number(paging, "maxResults") ?? 0, 0, int.MaxValue),
            Count = Number(_root, "count") ?? Number(paging, "count"),
            TotalCount = Number(_root, "totalCount") ?? Number(paging, "totalCount"),
            AgbError = Member("agbError") is { ValueKind: JsonValueKind.Object } error
                ? WireReader.Read(error, ErrorJson.Default.WireError, "service's error")
                : null,
            Data = data is null or { ValueKind: JsonValueKind.Null } ? null : data.Value.Clone(),
        };
    }

    private JsonElement? Member(string name) => Member(_root, name);

    private string? Text(string name) => Text(_root, name);

    private static bool Has(JsonElement element, string name) => Member(element, name) is not null;

    private static JsonElement? Member(JsonElement? element, string name)
    {
        if (element is not { } present)
        {
            return null;
        }
        return present.TryGetProperty(name, out var value)
            || present.TryGetProperty(string.Concat(char.ToUpperInvariant(name[0]).ToString(), name.AsSpan(1)), out value)
            ? value
            : null;
    }

    private static string? Text(JsonElement? element, string name) =>
        Member(element, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    private static long? Number(JsonElement? element, string name) => Member(element, name) switch
    {
        { ValueKind: JsonValueKind.Number } number when number.TryGetInt64(out var value) => value,
        { ValueKind: JsonValueKind.String } text when long.TryParse(text.GetString(), CultureInfo.InvariantCulture, out var value) => value,
        _ => null,
    };
}
