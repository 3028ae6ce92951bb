namespace Agb.Engine;

/// <summary>Last use of a session by any process: the time of a file, with a shared lock on it during commands.
/// Needs no write to the catalog.</summary>
internal sealed class SessionActivity(StorePaths paths, TimeProvider time)
{
    /// <summary>Marks the beginning of the session's life.</summary>
    internal void Begin(string sessionId)
    {
        File.WriteAllBytes(FileOf(sessionId), []);
        Touch(sessionId);
    }

    /// <summary>Marks the session as used until the result is disposed.</summary>
    internal IDisposable Use(string sessionId)
    {
        // Only a search for idle sessions can block this, for a moment. Without the lock a long command would count as idle time.
        var held = FileLock.AcquireShared(FileOf(sessionId));
        Touch(sessionId);
        return new Usage(this, sessionId, held);
    }

    /// <summary>Start of the idle time, or null while the session is in use.</summary>
    internal DateTimeOffset? IdleSince(string sessionId)
    {
        var file = FileOf(sessionId);
        if (!File.Exists(file))
        {
            return null;
        }
        using var exclusive = FileLock.TryAcquire(file);
        return exclusive is null ? null : new DateTimeOffset(File.GetLastWriteTimeUtc(file), TimeSpan.Zero);
    }

    private string FileOf(string sessionId) => Path.Combine(paths.Session(sessionId), "activity");

    private void Touch(string sessionId)
    {
        try
        {
            File.SetLastWriteTimeUtc(FileOf(sessionId), time.GetUtcNow().UtcDateTime);
        }
        catch (FileNotFoundException)
        {
            // The session was removed while its last command ended.
        }
        catch (DirectoryNotFoundException)
        {
            // The session's directory was removed in the same way.
        }
    }

    private sealed class Usage(SessionActivity activity, string sessionId, IDisposable? held) : IDisposable
    {
        public void Dispose()
        {
            activity.Touch(sessionId);
            held?.Dispose();
        }
    }
}
