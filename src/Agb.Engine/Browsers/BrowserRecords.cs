using System.Text.Json;

namespace Agb.Engine;

/// <summary>The records of browsers, in the sessions' directories on the host: sessions can't change them.</summary>
internal sealed class BrowserRecords(StorePaths paths, TimeProvider time)
{
    /// <summary>The warning of an upload beside a running browser.</summary>
    internal const string LagWarning =
        "The session's browser runs, so cookies of its last 30 s may be missing. It stores all of them when it is stopped, and at the session's release.";

    /// <summary>Waits for the right to start or end the browser of a session.</summary>
    /// <exception cref="AgbException">SessionNotFound.</exception>
    internal async Task<FileLock> LockAsync(string sessionId, CancellationToken cancellationToken)
    {
        try
        {
            return await FileLock.AcquireAsync(Path.Combine(paths.Session(sessionId), "browser.lock"), time, cancellationToken).ConfigureAwait(false);
        }
        catch (PosixException e) when (e.Errno == Errno.ENOENT)
        {
            throw AgbErrors.SessionNotFound(sessionId);
        }
    }

    /// <summary>Whether a session has the profile of a browser.</summary>
    internal bool HasProfile(string sessionId) =>
        // In a fork, the profile of a started browser is in the overlay.
        new[] { SessionLayout.Scratch + "/tmp", SessionLayout.ForkedScratch("tmp") + "/upper" }.Any(directory =>
            Path.Exists(Path.Combine(paths.Session(sessionId), directory, AgbBrowserRequest.ProfileDirectory["/tmp/".Length..])));

    /// <summary>The record of a session's browser; null if it was not started, or was stopped.</summary>
    internal BrowserRecord? TryRead(string sessionId)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(FileOf(sessionId)), BrowserJson.Default.BrowserRecord);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            // A power cut can leave half a record; its processes are gone then.
            return null;
        }
    }

    /// <summary>The record of a browser that runs and answers, or null.</summary>
    internal BrowserRecord? TryReadRunning(string sessionId) => TryRead(sessionId) is { IsReady: true, IsAlive: true } record ? record : null;

    /// <summary>Whether a running browser of the session may still have changes for a mount.</summary>
    internal bool MayLag(string sessionId, string path) =>
        (LinuxPath.IsAtOrBelow(path, AgbBrowserRequest.ProfileDirectory) || LinuxPath.IsAtOrBelow(AgbBrowserRequest.ProfileDirectory, path))
        && TryReadRunning(sessionId) is not null;

    /// <summary>Writes a record.</summary>
    internal void Write(string sessionId, BrowserRecord record) => AtomicFile.Replace(
        FileOf(sessionId), JsonSerializer.SerializeToUtf8Bytes(record, BrowserJson.Default.BrowserRecord), AtomicFile.OwnerOnly);

    /// <summary>Removes a record.</summary>
    internal void Remove(string sessionId) => File.Delete(FileOf(sessionId));

    private string FileOf(string sessionId) => Path.Combine(paths.Session(sessionId), "browser.json");
}
