namespace Agb.Server;

/// <summary>Runs a server until the process is stopped.</summary>
internal static class ServeCommand
{
    internal static async Task RunAsync(ServerOptions options, CancellationToken cancellationToken)
    {
        var server = AgbServer.Create(options);
        await using (server.ConfigureAwait(false))
        {
            await server.StartAsync(cancellationToken).ConfigureAwait(false);
            Console.WriteLine($"Listening on {string.Join(", ", server.Urls)}");
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                // Stop was requested.
            }
            await server.StopAsync().ConfigureAwait(false);
        }
    }
}
