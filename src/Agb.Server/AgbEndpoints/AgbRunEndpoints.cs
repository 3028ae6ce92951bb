using System.Threading.Channels;
using Agb.Protocol;
using Microsoft.AspNetCore.Routing;

namespace Agb.Server;

/// <summary>The extension endpoints that run commands and code.</summary>
internal static class AgbRunEndpoints
{
    internal const int WaitingItems = 256;

    /// <summary>Maps the endpoints.</summary>
    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.Post(AgbServerRoutes.RunCommand, RunCommandAsync).AsWork();
        routes.Post(AgbServerRoutes.RunCode, RunCodeAsync).AsWork();
        routes.Post(AgbServerRoutes.CancelCall, CancelCallAsync);
    }

    private static async Task RunCommandAsync(Call call)
    {
        var body = await call.ReadAsync(WireJson.Default.RunCommandBody).ConfigureAwait(false);
        var (id, request) = (call.About(Call.Require(body.SessionId, "sessionId")), body.ToRequest());
        await StreamAnswer.RunAsync(
            call,
            async answer =>
            {
                var lines = body.Lines ? Channel.CreateBounded<AgbCommandOutput>(WaitingItems) : null;
                var result = await PumpAsync(
                    lines, (line, flush) => answer.ItemAsync(OutputLine.From(line), WireJson.Default.OutputLine, flush),
                    () => call.Service.RunCommandAsync(new SessionId(id), request with { Lines = lines?.Writer }, call.Aborted), call.Aborted).ConfigureAwait(false);
                await answer.ResultAsync(CommandDetail.From(result), WireJson.Default.CommandDetail).ConfigureAwait(false);
            }).ConfigureAwait(false);
    }

    private static async Task RunCodeAsync(Call call)
    {
        var body = await call.ReadAsync(WireJson.Default.RunCodeBody).ConfigureAwait(false);
        var (id, request) = (call.About(Call.Require(body.SessionId, "sessionId")), body.ToRequest());
        await StreamAnswer.RunAsync(
            call,
            async answer =>
            {
                var events = body.Events ? Channel.CreateBounded<AgbCodeEvent>(WaitingItems) : null;
                var result = await PumpAsync(
                    events, (item, flush) => answer.ItemAsync(item, WireJson.Default.AgbCodeEvent, flush),
                    () => call.Service.RunCodeAsync(new SessionId(id), request with { Events = events?.Writer }, call.Aborted), call.Aborted).ConfigureAwait(false);
                await answer.ResultAsync(CodeDetail.From(result), WireJson.Default.CodeDetail).ConfigureAwait(false);
            }).ConfigureAwait(false);
    }

    private static async Task CancelCallAsync(Call call)
    {
        var body = await call.ReadAsync(WireJson.Default.CancelCallBody).ConfigureAwait(false);
        await call.Owner.Calls.CancelAsync(Call.Require(body.RequestId, "requestId"), call.Aborted).ConfigureAwait(false);
        await call.OkAsync().ConfigureAwait(false);
    }

    /// <summary>Runs an operation and sends its items meanwhile. All items are sent before the result or the error is returned.</summary>
    /// <param name="items">The items of the operation, or null.</param>
    /// <param name="send">Sends an item, at once or together with the next.</param>
    /// <param name="run">Runs the operation.</param>
    /// <param name="cancellationToken">Cancelled when the client is gone.</param>
    internal static async Task<TResult> PumpAsync<T, TResult>(
        Channel<T>? items, Func<T, bool, Task> send, Func<Task<TResult>> run, CancellationToken cancellationToken)
    {
        if (items is null)
        {
            return await run().ConfigureAwait(false);
        }
        var running = CompleteAsync(run, items.Writer);
        try
        {
            await foreach (var item in items.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                // Waiting items are sent together.
                await send(item, items.Reader.Count == 0).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The client is gone. The same token ends the operation, awaited below.
        }
        return await running.ConfigureAwait(false);
    }

    private static async Task<TResult> CompleteAsync<T, TResult>(Func<Task<TResult>> run, ChannelWriter<T> items)
    {
        try
        {
            return await run().ConfigureAwait(false);
        }
        finally
        {
            items.TryComplete();
        }
    }
}
