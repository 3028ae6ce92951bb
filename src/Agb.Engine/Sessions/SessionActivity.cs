namespace Agb.Engine;

/// <summary>Last use of a session by any process: the time of a file, with a shared lock on it during commands, and one on a second file
/// while clients are connected. Needs no write to the catalog.</summary>
/// <param name="paths">The paths of the store.</param>
/// <param name="time">The clock.</param>
/// <param name="wake">Wakes a session if it is suspended; the result ends when this is noted.</param>
internal sealed class SessionActivity(StorePaths paths, TimeProvider time, Func<string, Task> wake)
{
    /// <summary>Marks the beginning of the session's life.</summary>
    internal void Begin(string sessionId)
    {
        File.WriteAllBytes(FileOf(sessionId), []);
        Touch(sessionId);
    }

    /// <summary>Marks the session as used until the result is disposed, and wakes it. Meanwhile it is not suspended.</summary>
    internal IDisposable Use(string sessionId)
    {
        var used = UseAtOnce(sessionId);
        used.Noted.GetAwaiter().GetResult();
        return used;
    }

    /// <summary>Does the same for a command, which runs while its session's status changes.</summary>
    internal Usage UseAtOnce(string sessionId)
    {
        // Only a search for idle sessions or a suspension can block this, for a moment. Without the lock a long command would count as idle time.
        var held = FileLock.AcquireShared(FileOf(sessionId));
        try
        {
            var noted = wake(sessionId);
            Touch(sessionId);
            return new Usage(this, sessionId, held, noted);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>Wakes the session, and marks it as used by a connected client until the result is disposed. Meanwhile it is suspended only
    /// when asked for.</summary>
    internal IDisposable Connect(string sessionId)
    {
        using var used = Use(sessionId);
        return new Usage(this, sessionId, FileLock.AcquireShared(ClientsOf(sessionId)), Task.CompletedTask);
    }

    /// <summary>Start of the idle time, or null while the session is in use.</summary>
    internal DateTimeOffset? IdleSince(string sessionId)
    {
        if (!File.Exists(FileOf(sessionId)))
        {
            return null;
        }
        using var unused = FileLock.TryAcquire(FileOf(sessionId));
        return unused is null || !FileLock.IsFree(ClientsOf(sessionId), shared: false) ? null : LastUse(sessionId);
    }

    /// <summary>The end of the last use.</summary>
    internal DateTimeOffset LastUse(string sessionId) => new(File.GetLastWriteTimeUtc(FileOf(sessionId)), TimeSpan.Zero);

    /// <summary>Keeps all users but connected clients out until the result is disposed; they wait.</summary>
    /// <returns>Null while the session is in use.</returns>
    internal IDisposable? TryHold(string sessionId) => FileLock.TryAcquire(FileOf(sessionId));

    private string FileOf(string sessionId) => Path.Combine(paths.Session(sessionId), "activity");

    private string ClientsOf(string sessionId) => Path.Combine(paths.Session(sessionId), "clients");

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

    /// <summary>A use of a session.</summary>
    /// <param name="activity">The activity.</param>
    /// <param name="sessionId">The session.</param>
    /// <param name="held">The lock.</param>
    /// <param name="noted">Ends when the session is noted as awake.</param>
    internal sealed class Usage(SessionActivity activity, string sessionId, IDisposable held, Task noted) : IDisposable
    {
        /// <summary>Ends when the session is noted as awake.</summary>
        public Task Noted => noted;

        /// <inheritdoc/>
        public void Dispose()
        {
            // Before the lock is given back, against a suspension in between.
            noted.GetAwaiter().GetResult();
            activity.Touch(sessionId);
            held.Dispose();
        }
    }
}
