using System.Threading.Channels;

namespace Agb.PowerShell.Hosting;

/// <summary>Runs a command and passes its lines on while it runs.</summary>
internal static class CommandStream
{
    // With the longest of lines these are some MiB. What does not fit waits in the command's pipes.
    private const int LinesAtOnce = 128;

    /// <summary>Runs a command.</summary>
    /// <param name="service">The service.</param>
    /// <param name="sessionId">The session.</param>
    /// <param name="request">The command.</param>
    /// <param name="pass">Passes lines on; the next ones come when its task has ended.</param>
    /// <param name="cancellationToken">Kills the command.</param>
    internal static async Task<AgbCommandResult> RunAsync(
        IAgbService service, string sessionId, AgbCommandRequest request, Func<IReadOnlyList<AgbCommandOutput>, Task> pass,
        CancellationToken cancellationToken)
    {
        var lines = Channel.CreateBounded<AgbCommandOutput>(new BoundedChannelOptions(LinesAtOnce) { SingleReader = true });
        using var kill = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var run = RunToEndAsync(service, sessionId, request with { Lines = lines.Writer }, kill.Token);
        try
        {
            while (await lines.Reader.WaitToReadAsync(CancellationToken.None).ConfigureAwait(false))
            {
                var batch = new List<AgbCommandOutput>();
                while (batch.Count < LinesAtOnce && lines.Reader.TryRead(out var line))
                {
                    batch.Add(line);
                }
                await pass(batch).ConfigureAwait(false);
            }
        }
        catch
        {
            // Nobody takes the lines any more. Whoever waits for this call waits for the end of the command too; how it
            // ended is of no interest beside what is thrown here.
            await kill.CancelAsync().ConfigureAwait(false);
            await ((Task)run).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
        return await run.ConfigureAwait(false);
    }

    private static async Task<AgbCommandResult> RunToEndAsync(
        IAgbService service, string sessionId, AgbCommandRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await service.RunCommandAsync(sessionId, request, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            request.Lines!.TryComplete();
        }
    }
}
