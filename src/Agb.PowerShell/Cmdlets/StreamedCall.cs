using System.Threading.Channels;

namespace Agb.PowerShell;

/// <summary>Makes a call with streamed items, and passes them on.</summary>
internal static class StreamedCall
{
    // With the longest lines these are some MiB. The rest waits in the command's pipes.
    private const int ItemsAtOnce = 128;

    /// <summary>Makes the call.</summary>
    /// <param name="call">The call, with its writer and its cancellation.</param>
    /// <param name="pass">Passes items on; the next ones come after its task has ended.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    internal static async Task<TResult> RunAsync<TItem, TResult>(
        Func<ChannelWriter<TItem>, CancellationToken, Task<TResult>> call, Func<IReadOnlyList<TItem>, Task> pass,
        CancellationToken cancellationToken)
    {
        var items = Channel.CreateBounded<TItem>(new BoundedChannelOptions(ItemsAtOnce) { SingleReader = true });
        using var kill = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var run = RunToEndAsync(call, items.Writer, kill.Token);
        try
        {
            while (await items.Reader.WaitToReadAsync(CancellationToken.None).ConfigureAwait(false))
            {
                var batch = new List<TItem>();
                while (batch.Count < ItemsAtOnce && items.Reader.TryRead(out var item))
                {
                    batch.Add(item);
                }
                await pass(batch).ConfigureAwait(false);
            }
        }
        catch
        {
            // The items have no reader any more. The caller waits for the end of the call too; its result is of no interest
            // beside the exception thrown here.
            await kill.CancelAsync().ConfigureAwait(false);
            await ((Task)run).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
        return await run.ConfigureAwait(false);
    }

    private static async Task<TResult> RunToEndAsync<TItem, TResult>(
        Func<ChannelWriter<TItem>, CancellationToken, Task<TResult>> call, ChannelWriter<TItem> writer, CancellationToken cancellationToken)
    {
        try
        {
            return await call(writer, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            writer.TryComplete();
        }
    }
}
