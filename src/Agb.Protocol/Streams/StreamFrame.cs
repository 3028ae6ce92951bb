using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json.Serialization.Metadata;

namespace Agb.Protocol;

/// <summary>One line of a streamed answer (<see cref="ContentType"/>): any number of items, then one result or one
/// error.</summary>
/// <remarks>An empty line object is a heartbeat. A stream without result and error was cut off. An error known before the first
/// line comes as an envelope instead.</remarks>
/// <param name="Item">An item.</param>
/// <param name="Result">The result: the last line.</param>
/// <param name="Error">The error: the last line.</param>
public sealed record StreamFrame(JsonElement? Item = null, JsonElement? Result = null, WireError? Error = null)
{
    /// <summary>The content type of streams.</summary>
    public const string ContentType = "application/x-ndjson";

    private const int BufferBytes = 64 * 1024;

    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes an item's line.</summary>
    public static void WriteItem<T>(IBufferWriter<byte> output, T item, JsonTypeInfo<T> type) => WriteLine(output, "item", item, type);

    /// <summary>Writes a result's line.</summary>
    public static void WriteResult<T>(IBufferWriter<byte> output, T result, JsonTypeInfo<T> type) => WriteLine(output, "result", result, type);

    /// <summary>Writes an error's line.</summary>
    public static void WriteError(IBufferWriter<byte> output, AgbException error) =>
        WriteLine(output, "error", WireError.From(error), ErrorJson.Default.WireError);

    /// <summary>Writes a heartbeat line: the work goes on.</summary>
    public static void WriteHeartbeat(IBufferWriter<byte> output) => output.Write("{}\n"u8);

    /// <summary>Reads a stream's lines without heartbeats. The last line has a result or an error.</summary>
    /// <exception cref="AgbException">ConnectionFailed for an early end; ServiceRefused for an invalid line.</exception>
    public static async IAsyncEnumerable<StreamFrame> ReadAsync(
        Stream stream, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var reader = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: BufferBytes, leaveOpen: true));
        try
        {
            // Length of the incomplete line already searched: a result can have many megabytes, in small pieces.
            var searched = 0L;
            while (true)
            {
                var read = await ReadMoreAsync(reader, cancellationToken).ConfigureAwait(false);
                var rest = read.Buffer;
                while (TakeLine(ref rest, searched) is { } line)
                {
                    searched = 0;
                    var frame = Parse(line);
                    if (frame.Item is null && frame.Result is null && frame.Error is null)
                    {
                        continue;
                    }
                    yield return frame;
                    if (frame.Item is null)
                    {
                        yield break;
                    }
                }
                searched = rest.Length;
                reader.AdvanceTo(rest.Start, rest.End);
                if (read.IsCompleted)
                {
                    throw CutOff(null);
                }
            }
        }
        finally
        {
            await reader.CompleteAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Reads a single frame, such as a WebSocket's message.</summary>
    /// <exception cref="AgbException">ServiceRefused for an invalid frame.</exception>
    public static StreamFrame Read(ReadOnlyMemory<byte> message) => Parse(new ReadOnlySequence<byte>(message));

    private static async ValueTask<ReadResult> ReadMoreAsync(PipeReader reader, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            throw CutOff(e);
        }
    }

    private static ReadOnlySequence<byte>? TakeLine(ref ReadOnlySequence<byte> rest, long searched)
    {
        if (rest.Slice(searched).PositionOf((byte)'\n') is not { } end)
        {
            return null;
        }
        var line = rest.Slice(0, end);
        rest = rest.Slice(rest.GetPosition(1, end));
        return line;
    }

    private static StreamFrame Parse(ReadOnlySequence<byte> line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            return new StreamFrame
            {
                Item = root.TryGetProperty("item", out var item) ? item.Clone() : null,
                Result = root.TryGetProperty("result", out var result) ? result.Clone() : null,
                Error = root.TryGetProperty("error", out var error) ? WireReader.Read(error, ErrorJson.Default.WireError, "service's error") : null,
            };
        }
        catch (Exception e) when (WireReader.IsMalformed(e))
        {
            throw new AgbException(AgbErrorIds.ServiceRefused, AgbErrorKind.Failed, $"The service's answer can't be read: {e.Message}", inner: e);
        }
    }

    private static AgbException CutOff(Exception? inner) => new(
        AgbErrorIds.ConnectionFailed, AgbErrorKind.Failed, "The service's answer ended before its result.",
        "Check whether the service still runs, and whether it performed the operation.", inner: inner);

    private static void WriteLine<T>(IBufferWriter<byte> output, string name, T value, JsonTypeInfo<T> type)
    {
        using (var writer = new Utf8JsonWriter(output, s_options))
        {
            writer.WriteStartObject();
            writer.WritePropertyName(name);
            JsonSerializer.Serialize(writer, value, type);
            writer.WriteEndObject();
        }
        output.Write("\n"u8);
    }
}
