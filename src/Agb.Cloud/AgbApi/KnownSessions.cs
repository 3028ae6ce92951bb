using System.Collections.Concurrent;

namespace Agb.Cloud;

/// <summary>This client's knowledge about sessions beyond the AGB API. It is only a shortcut: unknown values are requested, or
/// left empty.</summary>
internal sealed class KnownSessions
{
    private const int Most = 4096;

    private readonly ConcurrentDictionary<string, KnownSession> _sessions = new(StringComparer.Ordinal);

    /// <summary>The known values of a session.</summary>
    internal KnownSession Find(string sessionId) => _sessions.GetValueOrDefault(sessionId) ?? KnownSession.Nothing;

    /// <summary>Adds known values.</summary>
    internal void Learn(string sessionId, Func<KnownSession, KnownSession> more)
    {
        _sessions.AddOrUpdate(sessionId, _ => more(KnownSession.Nothing), (_, known) => more(known));
        foreach (var other in _sessions.Keys.Where(k => k != sessionId).Take(_sessions.Count - Most))
        {
            _sessions.TryRemove(other, out _);
        }
    }

    /// <summary>Forgets a released session.</summary>
    internal void Forget(string sessionId) => _sessions.TryRemove(sessionId, out _);
}

/// <summary>The known values of one session.</summary>
internal sealed record KnownSession
{
    internal static readonly KnownSession Nothing = new();

    /// <summary>The image, or null.</summary>
    public string? ImageId { get; init; }

    /// <summary>The mounts, or null.</summary>
    public IReadOnlyList<AgbContextSync>? ContextSyncs { get; init; }

    /// <summary>The creation time on this client.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>The requested idle time.</summary>
    public TimeSpan? IdleTimeout { get; init; }

    /// <summary>The route to its tools, or null.</summary>
    public SessionRoute? Route { get; init; }
}

/// <summary>The route to a session's tools.</summary>
internal sealed record SessionRoute
{
    /// <summary>The base of the link route, or null.</summary>
    public Uri? Link { get; init; }

    /// <summary>The WebSocket of streamed code, or null.</summary>
    public Uri? Socket { get; init; }

    /// <summary>The secret of both, or null.</summary>
    public string? Token { get; init; }

    /// <summary>The server of each tool with one.</summary>
    public IReadOnlyDictionary<string, string> Servers { get; init; } = new Dictionary<string, string>();

    /// <summary>The server of a tool on the link route, or null for the API route.</summary>
    internal string? LinkServerOf(string tool) => Link is not null && Token is not null ? Servers.GetValueOrDefault(tool) : null;

    /// <summary>Leaves the token out of the printed form.</summary>
    public override string ToString() => Link?.Host ?? "API route";
}
