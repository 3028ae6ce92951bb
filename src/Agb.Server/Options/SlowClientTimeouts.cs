namespace Agb.Server;

/// <summary>Timeouts for slow, silent or lost clients. Long work has no limit here: a quiet stream continues as long as its
/// client takes the heartbeats.</summary>
internal sealed record SlowClientTimeouts
{
    /// <summary>For the whole head of a request, after its first byte.</summary>
    public TimeSpan RequestHead { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>For the first or the next request of a connection.</summary>
    public TimeSpan IdleConnection { get; init; } = TimeSpan.FromSeconds(130);

    /// <summary>For the request, the refusal and the end of a connection above the limit.</summary>
    public TimeSpan Refusal { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The least average speed of request and answer bodies, in bytes per second.</summary>
    public double BytesPerSecond { get; init; } = 240;

    /// <summary>The grace time for this average.</summary>
    public TimeSpan RateGrace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>For the next bytes of a body: the average of a long body does not show a lost client.</summary>
    public TimeSpan QuietBody { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>For the next piece of a stream, of a WebSocket, or of a stream of changes. Long, because
    /// readers may process each line.</summary>
    public TimeSpan StalledStream { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Between two pings of a quiet WebSocket.</summary>
    public TimeSpan SocketPing { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>For the answer to a ping. Long, because a client with a full screen does not read.</summary>
    public TimeSpan SocketPong { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>For the first frame of a terminal.</summary>
    public TimeSpan FirstFrame { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>For the next bytes through a link to a port.</summary>
    public TimeSpan QuietLink { get; init; } = TimeSpan.FromMinutes(10);
}
