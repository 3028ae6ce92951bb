using System.Net.WebSockets;

namespace Agb.Cloud;

/// <summary>Runs code over a session's WebSocket, with output as it comes. Each run has a separate socket: closing it is the only
/// way to stop the service.</summary>
internal sealed class CodeSocket(ApiClient api, IAgbService owner, string sessionId, SessionRoute route)
{
    private const string DefaultTarget = "wuying_codespace";
    private const int LargestFrame = 64 * 1024 * 1024;

    private readonly StringBuilder _stdout = new();
    private readonly StringBuilder _stderr = new();
    private readonly List<AgbCodeOutput> _results = [];
    private readonly string _invocation = Guid.NewGuid().ToString("n");
    private string? _error;

    /// <summary>Runs code.</summary>
    internal async Task<AgbCodeResult> RunAsync(AgbCodeRequest request, CancellationToken cancellationToken)
    {
        var socket = await WebSockets.ConnectAsync(api, route.Socket!, route.Token, _invocation, cancellationToken).ConfigureAwait(false);
        try
        {
            using var deadline = new Deadline(api.Options.Timeout + request.Timeout, api.Time, cancellationToken);
            return await RunAsync(socket, request, deadline, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await WebSockets.CloseAsync(socket).ConfigureAwait(false);
        }
    }

    private async Task<AgbCodeResult> RunAsync(ClientWebSocket socket, AgbCodeRequest request, Deadline deadline, CancellationToken cancellationToken)
    {
        var began = api.Time.GetTimestamp();
        try
        {
            await socket.SendAsync(Call(request), WebSocketMessageType.Text, endOfMessage: true, deadline.Token).ConfigureAwait(false);
            while (true)
            {
                var frame = CodeFrameReader.Read(await ReceiveAsync(socket, deadline.Token).ConfigureAwait(false));
                if (frame is null || frame.InvocationId != _invocation)
                {
                    // Another call's frame, or no frame at all: the protocol tells clients to ignore it.
                    continue;
                }
                if (await TakeAsync(frame, request, cancellationToken).ConfigureAwait(false))
                {
                    return Result(frame, request, api.Time.GetElapsedTime(began));
                }
            }
        }
        catch (OperationCanceledException e) when (deadline.IsOver)
        {
            throw CloudErrors.TimeOver(api.Name, deadline.Limit, _invocation, e);
        }
        catch (WebSocketException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw CloudErrors.CutOff(api.Name, _invocation, e);
        }
    }

    private byte[] Call(AgbCodeRequest request) => JsonSerializer.SerializeToUtf8Bytes(
        new CodeFrame
        {
            InvocationId = _invocation,
            Source = CodeFrame.ClientSource,
            Target = route.Servers.GetValueOrDefault(CodeToolArguments.ToolName) ?? DefaultTarget,
            Data = new CodeFrameData
            {
                Method = CodeToolArguments.ToolName,
                Mode = "stream",
                Params = new CodeFrameParameters
                {
                    Language = CodeLanguages.From(request.Language),
                    TimeoutS = Math.Ceiling(request.Timeout.TotalSeconds),
                    Code = request.Code,
                },
            },
        },
        WireJson.Default.CodeFrame);

    // Handles a frame; true for the last one.
    private async ValueTask<bool> TakeAsync(ReadFrame frame, AgbCodeRequest request, CancellationToken cancellationToken)
    {
        if (frame.FatalError is { } fatal)
        {
            throw Failed(fatal);
        }
        switch (frame.Phase)
        {
            case CodePhase.Event:
                if (Event(frame) is { } happened)
                {
                    await request.Events!.OfferAsync(happened, cancellationToken).ConfigureAwait(false);
                }
                return false;
            case CodePhase.End:
                _error = frame.ExecutionError is { Length: > 0 } error ? error : _error;
                _error ??= frame.Status == "failed" ? "The code failed; the service gave no reason." : null;
                return true;
            default:
                throw Failed(frame.Phase == CodePhase.Error ? frame.EventError ?? "it gave no reason" : $"its frame has the phase '{frame.Phase}'");
        }
    }

    private AgbCodeEvent? Event(ReadFrame frame)
    {
        switch (frame.EventType)
        {
            case "stdout" when frame.Chunk is { Length: > 0 } chunk:
                _stdout.Append(chunk);
                return new AgbCodeEvent { Stream = AgbOutputStream.Stdout, Text = chunk };
            case "stderr" when frame.Chunk is { Length: > 0 } chunk:
                _stderr.Append(chunk);
                return new AgbCodeEvent { Stream = AgbOutputStream.Stderr, Text = chunk };
            case "result" when frame.Result is { } result:
                _results.Add(result);
                return new AgbCodeEvent { Result = result };
            case "error":
                _error ??= frame.EventError ?? "The code failed; the service gave no reason.";
                return null;
            default:
                return null;
        }
    }

    private AgbCodeResult Result(ReadFrame end, AgbCodeRequest request, TimeSpan elapsed) => new()
    {
        Service = owner,
        SessionId = sessionId,
        Language = request.Language,
        Stdout = _stdout.ToString(),
        Stderr = _stderr.ToString(),
        Results = _results,
        Error = _error,
        TimedOut = _error is not null && elapsed >= request.Timeout,
        ExecutionCount = end.ExecutionCount,
        Duration = end.Duration > TimeSpan.Zero ? end.Duration : elapsed,
    };

    private AgbServiceException Failed(string reason) => new(
        AgbErrorIds.ServiceRefused, AgbErrorKind.Failed, $"The service did not run the code: {api.Secrets.HideInMessage(reason)}")
    {
        RequestId = _invocation,
    };

    private async Task<byte[]> ReceiveAsync(ClientWebSocket socket, CancellationToken cancellationToken)
    {
        using var message = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer.AsMemory(), cancellationToken).ConfigureAwait(false);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                throw CloudErrors.CutOff(api.Name, _invocation);
            }
            message.Write(buffer, 0, received.Count);
            if (message.Length > LargestFrame)
            {
                throw CloudErrors.Unreadable($"a frame has more than {LargestFrame} bytes", _invocation);
            }
            if (received.EndOfMessage)
            {
                return message.ToArray();
            }
        }
    }
}
