using System.Threading.Channels;

namespace Agb.PowerShell.Hosting;

/// <summary>Makes a call that reports while it runs, and passes on what it reports.</summary>
internal static class StreamedCall
{
    // With the longest of lines these are some MiB. What does not fit waits in the command's pipes.
    private const int ItemsAtOnce = 128;

    /// <summary>Makes the call.</summary>
    /// <param name="call">The call, given where to write and what cancels it.</param>
    /// <param name="pass">Passes items on; the next ones come when its task has ended.</param>
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
            // Nobody takes the items any more. Whoever waits for this call waits for its end too; how it ended is of no
            // interest beside what is thrown here.
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
