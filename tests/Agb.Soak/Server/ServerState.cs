namespace Agb.Soak.Server;

/// <summary>What a server holds at an instant.</summary>
internal sealed record ServerState(double ResidentMiB, int Threads, IReadOnlyDictionary<string, int> Handles, Leftovers Left)
{
    // What a client that is gone has left behind is seen by the server within this time.
    private static readonly TimeSpan s_settle = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(500);

    internal int HandleCount => Handles.Values.Sum();

    internal static ServerState Of(ServerProcess server) =>
        new(server.ResidentMiB, server.Threads, server.Handles(), Leftovers.Of(server.Id, server.Data));

    /// <summary>The state when nothing of sessions is left and no fewer handles are open than a moment ago, or when that does not come.</summary>
    internal static async Task<ServerState> SettledAsync(ServerProcess server, Func<ServerState, bool> isFine)
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var last = Of(server);
        while (clock.Elapsed < s_settle)
        {
            await Task.Delay(s_look);
            var now = Of(server);
            if (now.Left.IsNothing && now.HandleCount >= last.HandleCount && isFine(now))
            {
                return now;
            }
            last = now;
        }
        return last;
    }
}
