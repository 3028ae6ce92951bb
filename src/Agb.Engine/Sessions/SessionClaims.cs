using System.Collections.Concurrent;

namespace Agb.Engine;

/// <summary>Sessions of which no client has been told yet. Each has a file in its directory that this process keeps locked; the kernel drops the lock
/// when the process dies, and the next sweep of any process ends the session.</summary>
internal sealed class SessionClaims(StorePaths paths) : IDisposable
{
    private readonly ConcurrentDictionary<string, FileLock> _held = new(StringComparer.Ordinal);

    /// <summary>Notes that a session, whose directory is there, has not been told of.</summary>
    internal void Begin(string sessionId)
    {
        if (FileLock.TryAcquire(FileOf(sessionId)) is { } held)
        {
            _held[sessionId] = held;
        }
    }

    /// <summary>Takes the note away.</summary>
    internal void Claim(string sessionId)
    {
        if (_held.TryRemove(sessionId, out var held))
        {
            // The file before the lock: a free lock of a file that is there is a dead process's.
            File.Delete(FileOf(sessionId));
            held.Dispose();
        }
    }

    /// <summary>Whether the process that made a session died before it told a client of it.</summary>
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
