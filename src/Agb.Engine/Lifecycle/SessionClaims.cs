namespace Agb.Engine;

/// <summary>Sessions not yet reported to a client. This process holds a lock on a file in the session's directory; the kernel
/// drops the lock when the process dies, and the next sweep of any process ends the session.</summary>
internal sealed class SessionClaims(StorePaths paths) : IDisposable
{
    private readonly ConcurrentDictionary<string, FileLock> _held = new(StringComparer.Ordinal);

    /// <summary>Marks a session with an existing directory as unreported.</summary>
    internal void Begin(string sessionId)
    {
        if (FileLock.TryAcquire(FileOf(sessionId)) is { } held)
        {
            _held[sessionId] = held;
        }
    }

    /// <summary>Marks a session as reported.</summary>
    internal void Claim(string sessionId)
    {
        if (_held.TryRemove(sessionId, out var held))
        {
            // File before lock: a free lock on an existing file means a dead process.
            File.Delete(FileOf(sessionId));
            held.Dispose();
        }
    }

    /// <summary>Whether the session's creator died before it reported the session to a client.</summary>
    internal bool IsAbandoned(string sessionId)
    {
        var file = FileOf(sessionId);
        return File.Exists(file) && FileLock.IsFree(file) && File.Exists(file);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var id in _held.Keys)
        {
            Claim(id);
        }
    }

    private string FileOf(string sessionId) => Path.Combine(paths.Session(sessionId), "untold");
}
