namespace Agb.Server.Hosting;

/// <summary>How long the server waits for clients that are slow, silent or gone. Work that takes its time is none of these: a stream without
/// news goes on for as long as its client takes what little is sent.</summary>
internal sealed record Patience
{
    /// <summary>For the whole head of a request, once it has begun.</summary>
    public TimeSpan RequestHead { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>For a connection to begin its first request, or its next.</summary>
    public TimeSpan IdleConnection { get; init; } = TimeSpan.FromSeconds(130);

    /// <summary>For a connection beyond the most to ask for something, be told so, and go.</summary>
    public TimeSpan Refusal { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The bytes a second that a body must come with on average, and an answer be taken with.</summary>
    public double BytesPerSecond { get; init; } = 240;

    /// <summary>For that average to be reached.</summary>
    public TimeSpan RateGrace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>For the next bytes of a body: an average over a long body says nothing of a client that is gone in the midst of it.</summary>
    public TimeSpan QuietBody { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>For a client to take the next piece of a stream or of a WebSocket, or to send the next piece of a stream of changes. Long: whoever
    /// reads may do something about each line.</summary>
    public TimeSpan StalledStream { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Between two pings of a quiet WebSocket.</summary>
    public TimeSpan SocketPing { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>For the answer to a ping. Long: a client whose screen is full does not read.</summary>
    public TimeSpan SocketPong { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>For the first frame of a terminal.</summary>
    public TimeSpan FirstFrame { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>For anything to pass through a link to a port.</summary>
    public TimeSpan QuietLink { get; init; } = TimeSpan.FromMinutes(10);
}
