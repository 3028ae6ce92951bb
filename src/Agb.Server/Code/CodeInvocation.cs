using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;

namespace Agb.Server;

/// <summary>One call of code on a WebSocket.</summary>
internal sealed class CodeInvocation(Call call, FrameSocket socket, string id)
{
    /// <summary>The most characters of output in one frame. With three bytes of UTF-8 for each, or six if escaped, a frame stays
    /// below the clients' limit of 1 MiB.</summary>
    private const int MaxChunk = 128 * 1024;

    /// <summary>The most bytes of a value in one frame.</summary>
    private const int MaxResultBytes = 900 * 1024;

    private const int WaitingEvents = 256;

    private const string PlainText = "text/plain";

    private long _seq;

    /// <summary>Runs the code and sends its output, result and errors.</summary>
    internal async Task RunAsync(CodeFrameParameters parameters, CancellationToken gone)
    {
        var began = Stopwatch.GetTimestamp();
        // Until the code has answered.
        var hasFailed = true;
        try
        {
            using var place = await call.Get<CallSlots>().EnterAsync(call.Owner.Id, gone).ConfigureAwait(false);
            await EndAsync(await RunToEndAsync(parameters, gone).ConfigureAwait(false), gone).ConfigureAwait(false);
            hasFailed = false;
        }
        catch (OperationCanceledException) when (gone.IsCancellationRequested)
        {
            // The client is gone.
        }
        catch (Exception e)
        {
            var error = call.Failures.Report(e, id);
            await socket.WriteAsync(Fatal(id, WireErrors.MessageOf(error)), WireJson.Default.CodeFrame, CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            var duration = Stopwatch.GetElapsedTime(began);
            call.Get<ToolLog>().Called(call.Http, id, CodeToolArguments.ToolName, hasFailed, duration);
            call.Telemetry.CalledTool(CodeToolArguments.ToolName, hasFailed, duration);
        }
    }

    /// <summary>Runs the code. All output is sent before the result or the error is returned.</summary>
    private async Task<AgbCodeResult> RunToEndAsync(CodeFrameParameters parameters, CancellationToken gone)
    {
        var events = Channel.CreateBounded<AgbCodeEvent>(WaitingEvents);
        var sending = SendAsync(events.Reader, gone);
        try
        {
            call.Owner.RequireNotReleasing(call.Caller.SessionId!);
            return await call.Service.RunCodeAsync(new SessionId(call.Caller.SessionId!), RequestOf(parameters, events.Writer), gone).ConfigureAwait(false);
        }
        finally
        {
            events.Writer.TryComplete();
            await sending.ConfigureAwait(false);
        }
    }

    /// <summary>The frame for the end of a call after an error.</summary>
    internal static CodeFrame Fatal(string id, string why) => new()
    {
        InvocationId = id,
        Source = CodeFrame.ServerSource,
        Data = new CodeFrameData { Phase = CodePhase.Error, Error = JsonSerializer.SerializeToElement(why, WireJson.Default.String) },
    };

    /// <summary>The id of an invalid frame, if readable.</summary>
    internal static string? IdOf(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes);
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("invocationId", out var given) && given.ValueKind == JsonValueKind.String
                ? given.GetString()
                : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static AgbCodeRequest RequestOf(CodeFrameParameters parameters, ChannelWriter<AgbCodeEvent> events) => new()
    {
        Code = parameters.Code ?? "",
        Language = CodeLanguages.To(parameters.Language),
        Timeout = parameters.TimeoutS switch
        {
            null => AgbCodeRequest.DefaultTimeout,
            > 0 and < 1e9 => TimeSpan.FromSeconds(parameters.TimeoutS.Value),
            _ => throw AgbErrors.Invalid(AgbErrorIds.InvalidSessionOption, $"The time limit is {parameters.TimeoutS} s; expected more than 0.", target: parameters.TimeoutS),
        },
        Events = events,
    };

    private async Task SendAsync(ChannelReader<AgbCodeEvent> events, CancellationToken gone)
    {
        await foreach (var happened in events.ReadAllAsync(gone).ConfigureAwait(false))
        {
            if (happened.Result is { } result)
            {
                await SendAsync(new CodeFrameData { EventType = "result", Result = Shrink(result) }, gone).ConfigureAwait(false);
            }
            else
            {
                var type = happened.Stream == AgbOutputStream.Stderr ? "stderr" : "stdout";
                foreach (var chunk in Chunks(happened.Text ?? ""))
                {
                    await SendAsync(new CodeFrameData { EventType = type, Chunk = chunk }, gone).ConfigureAwait(false);
                }
            }
        }
    }

    private Task SendAsync(CodeFrameData data, CancellationToken gone) => WriteAsync(data with { Phase = CodePhase.Event, Seq = ++_seq }, gone);

    private Task EndAsync(AgbCodeResult result, CancellationToken gone)
    {
        var answer = CodeToolResult.From(result);
        return WriteAsync(
            new CodeFrameData
            {
                Phase = CodePhase.End,
                Status = result.Success ? "finished" : "failed",
                ExecutionCount = answer.ExecutionCount,
                ExecutionTime = answer.ExecutionTime,
                ExecutionError = answer.ExecutionError is { Length: > MaxChunk } error ? error[..MaxChunk] : answer.ExecutionError,
            },
            gone);
    }

    private Task WriteAsync(CodeFrameData data, CancellationToken gone) => socket.WriteAsync(
        new CodeFrame
        {
            InvocationId = id,
            Source = CodeFrame.ServerSource,
            Target = CodeFrame.ClientSource,
            Data = data with { Method = CodeToolArguments.ToolName, Mode = "stream" },
        },
        WireJson.Default.CodeFrame, gone);

    private static IEnumerable<string> Chunks(string text)
    {
        for (var start = 0; start < text.Length;)
        {
            var length = Math.Min(MaxChunk, text.Length - start);
            // Keep surrogate pairs together.
            length -= start + length < text.Length && char.IsHighSurrogate(text[start + length - 1]) ? 1 : 0;
            yield return text.Substring(start, length);
            start += length;
        }
    }

    /// <summary>Drops the largest forms of a value until it fits into a frame.</summary>
    private static CodeFrameResult Shrink(AgbCodeOutput output)
    {
        var texts = new Dictionary<string, string>(output.Mime);
        var mime = texts.ToDictionary(m => m.Key, m => Json(m.Value));
        while (mime.Sum(m => SizeOf(m.Value)) > MaxResultBytes)
        {
            var type = mime.MaxBy(m => SizeOf(m.Value)).Key;
            var notice = string.Create(CultureInfo.InvariantCulture, $"[{type} of {texts[type].Length} characters: too large for this connection]");
            texts.Remove(type);
            mime.Remove(type);
            texts[PlainText] = texts.TryGetValue(PlainText, out var text) ? $"{text}\n{notice}" : notice;
            mime[PlainText] = Json(texts[PlainText]);
        }
        return new CodeFrameResult { IsMainResult = output.IsMainResult, Mime = mime };
    }

    private static JsonElement Json(string text) => JsonSerializer.SerializeToElement(text, WireJson.Default.String);

    // The escaped size: escapes make a text up to six times as long.
    private static int SizeOf(JsonElement json) => Encoding.UTF8.GetByteCount(json.GetRawText());
}
