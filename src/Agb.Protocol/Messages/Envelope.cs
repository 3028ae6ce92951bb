using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json.Serialization.Metadata;

namespace Agb.Protocol;

/// <summary>The envelope of every answer.</summary>
public sealed record Envelope
{
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The request's id.</summary>
    public string RequestId { get; init; } = "";

    /// <summary>Whether the call succeeded.</summary>
    public bool Success { get; init; }

    /// <summary><c>ok</c>, or the error's code.</summary>
    public string Code { get; init; } = "";

    /// <summary>The error, or nothing: official clients take any text as an error.</summary>
    public string Message { get; init; } = "";

    /// <summary>The HTTP status again.</summary>
    public int HttpStatusCode { get; init; }

    /// <summary>The start of the next page; empty or absent at the end.</summary>
    public string? NextToken { get; init; }

    /// <summary>The size of a page.</summary>
    public int? MaxResults { get; init; }

    /// <summary>The total number (sessions, files).</summary>
    public long? Count { get; init; }

    /// <summary>The total number (contexts).</summary>
    public long? TotalCount { get; init; }

    /// <summary>The full error; only from an Agb server.</summary>
    public WireError? AgbError { get; init; }

    /// <summary>The data of a received envelope.</summary>
    public JsonElement? Data { get; init; }

    /// <summary>A success envelope.</summary>
    public static Envelope Ok(string requestId) => new() { RequestId = requestId, Success = true, Code = "ok", HttpStatusCode = 200 };

    /// <summary>A failure envelope.</summary>
    public static Envelope Failure(string requestId, AgbException error) => new()
    {
        RequestId = requestId,
        Code = WireErrors.CodeOf(error.ErrorId),
        Message = WireErrors.MessageOf(error),
        HttpStatusCode = WireErrors.StatusOf(error.ErrorId, error.Kind),
        AgbError = WireError.From(error),
    };

    /// <summary>Writes the envelope without data.</summary>
    public void Write(IBufferWriter<byte> output) => Write(output, writer => { });

    /// <summary>Writes the envelope with data. Null data is left out, never written as null.</summary>
    public void Write<T>(IBufferWriter<byte> output, T? data, JsonTypeInfo<T> type)
        where T : class => Write(
        output,
        writer =>
        {
            if (data is not null)
            {
                writer.WritePropertyName("data");
                JsonSerializer.Serialize(writer, data, type);
            }
        });

    /// <summary>Reads an envelope: names in camel or Pascal case, at the top or in a member <c>body</c>.</summary>
    /// <exception cref="AgbException">ServiceRefused: not an envelope.</exception>
    public static Envelope Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return new EnvelopeReader(document.RootElement).Read();
        }
        catch (Exception e) when (WireReader.IsMalformed(e))
        {
            throw new AgbException(
                AgbErrorIds.ServiceRefused, AgbErrorKind.Failed, $"The service's answer can't be read: {e.Message}",
                "Check the endpoint: it must be an AGB service.", inner: e);
        }
    }

    /// <summary>Reads the data.</summary>
    /// <returns>The data, or null without data.</returns>
    /// <exception cref="AgbException">InvalidRequest: another form.</exception>
    public T? DataAs<T>(JsonTypeInfo<T> type)
        where T : class =>
        Data is null or { ValueKind: JsonValueKind.Null or JsonValueKind.Undefined } ? null : WireReader.Read(Data.Value, type, "service's answer");

    /// <summary>The exception of a failure </summary>
    /// <param name="httpStatus">The HTTP status of the answer.</param>
    public AgbException ToException(int httpStatus)
    {
        if (AgbError is { } known)
        {
            return known.ToException(RequestId);
        }
        var message = Message.Length > 0 ? Message : $"The service answered with HTTP status {httpStatus} and no reason.";
        var (id, kind) = (WireErrors.ErrorIdOf(Code), httpStatus) switch
        {
            ({ } own, _) => (own, own.EndsWith("NotFound", StringComparison.Ordinal) ? AgbErrorKind.NotFound : AgbErrorKind.Failed),
            (_, 401 or 403) => (AgbErrorIds.AuthenticationFailed, AgbErrorKind.PermissionDenied),
            (_, 429) => (AgbErrorIds.TooManyRequests, AgbErrorKind.ResourceExhausted),
            _ => (AgbErrorIds.ServiceRefused, AgbErrorKind.Failed),
        };
        return new AgbException(id, kind, Code is { Length: > 0 } code and not "ok" && id == AgbErrorIds.ServiceRefused ? $"[{code}] {message}" : message)
        {
            RequestId = RequestId,
        };
    }

    private void Write(IBufferWriter<byte> output, Action<Utf8JsonWriter> writeData)
    {
        using var writer = new Utf8JsonWriter(output, s_options);
        writer.WriteStartObject();
        writer.WriteString("requestId", WireTextConverter.Clean(RequestId));
        writer.WriteBoolean("success", Success);
        writer.WriteString("code", Code);
        writer.WriteString("message", WireTextConverter.Clean(Message));
        writer.WriteNumber("httpStatusCode", HttpStatusCode);
        writeData(writer);
        if (NextToken is not null)
        {
            writer.WriteString("nextToken", NextToken);
        }
        if (MaxResults is { } maxResults)
        {
            writer.WriteNumber("maxResults", maxResults);
        }
        if (Count is { } count)
        {
            writer.WriteNumber("count", count);
        }
        if (TotalCount is { } totalCount)
        {
            writer.WriteNumber("totalCount", totalCount);
        }
        if (AgbError is not null)
        {
            writer.WritePropertyName("agbError");
            JsonSerializer.Serialize(writer, AgbError, ErrorJson.Default.WireError);
        }
        writer.WriteEndObject();
    }
}
