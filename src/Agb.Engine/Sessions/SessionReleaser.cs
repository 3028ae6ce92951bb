using Agb.Engine.Catalog;
using Agb.Engine.Native;
using Agb.Engine.Store;
using Agb.Engine.Sync;

namespace Agb.Engine.Sessions;

/// <summary>Releases sessions: ends the processes, uploads what the policies say, removes the files.</summary>
internal sealed class SessionReleaser(EngineParts parts, SessionReader reader, SyncOperations syncs)
{
    /// <summary>How long the catalog remembers a released session and its sync tasks.</summary>
    private static readonly TimeSpan s_rememberReleased = TimeSpan.FromDays(7);

    /// <summary>Releases a session in any state. When another process releases it at the same time, both return when it
    /// is gone.</summary>
    /// <param name="sessionId">The session.</param>
    /// <param name="syncContext">Upload every mount.</param>
    /// <param name="discardChanges">Upload nothing.</param>
    /// <param name="cancellationToken">Cancels the upload.</param>
    /// <param name="end">Lifetime or Idle when nobody asked for it but the session's time is over.</param>
    /// <exception cref="AgbException">SessionNotFound, SessionExpired; SyncFailed when the upload failed: the session then stays, Failed,
    /// with its files.</exception>
    internal async Task ReleaseAsync(
        string sessionId, bool syncContext, bool discardChanges, CancellationToken cancellationToken, ReleaseMode? end = null)
    {
        reader.Require(sessionId);
        using (await FileLock.AcquireAsync(parts.Paths.SessionLock(sessionId), parts.Time, cancellationToken).ConfigureAwait(false))
        {
            var row = parts.Catalog.Read(tx => SessionTable.Find(tx, sessionId));
            if (row is not null && row.Status != AgbSessionStatus.Released)
            {
                await ReleaseLockedAsync(row, ModeOf(row, syncContext, discardChanges, end), cancellationToken).ConfigureAwait(false);
            }
        }
        File.Delete(parts.Paths.SessionLock(sessionId));
    }

    /// <summary>What this release does with the changes. One that carries on with a release that was cut off does what
    /// was asked for then, unless the caller asks for something now.</summary>
    private static ReleaseMode ModeOf(SessionRow row, bool syncContext, bool discardChanges, ReleaseMode? end) =>
        // Nothing ever ran in a session whose creation was cut off; its tree may be half a copy.
        discardChanges || row.Status == AgbSessionStatus.Creating ? ReleaseMode.Discard
        : syncContext ? ReleaseMode.Upload
        : row is { Status: AgbSessionStatus.Releasing, Release: { } begun } ? begun
        : end ?? ReleaseMode.Policy;

    private async Task ReleaseLockedAsync(SessionRow row, ReleaseMode mode, CancellationToken cancellationToken)
    {
        parts.Catalog.WriteLazily(tx => SessionTable.SetReleasing(tx, row.Id, mode));
        if (row.Sandbox is { } sandbox)
        {
            await parts.Driver.StopAsync(sandbox, cancellationToken).ConfigureAwait(false);
        }
        await parts.Driver.CleanUpAsync(parts.Paths.Session(row.Id), cancellationToken).ConfigureAwait(false);
        // The release that this one carries on with may have moved the session's tree into a layer and died.
        parts.Recovery.RecoverSession(row.Id);
        FaultPoint.Reach(FaultPoint.SessionStopped);
        if (mode != ReleaseMode.Discard && Directory.Exists(parts.Paths.Session(row.Id)))
        {
            var mounts = parts.Catalog.Read(tx => MountTable.OfSession(tx, row.Id))
                .FindAll(m => (mode == ReleaseMode.Upload || m.Policy.Upload.AutoUpload) && HasTree(m));
            if (await syncs.UploadAsync(mounts, released: true, cancellationToken).ConfigureAwait(false) is { } failure)
            {
                KeepFailed(row.Id, failure);
            }
        }
        RemoveFiles(row.Id);
        FaultPoint.Reach(FaultPoint.SessionFilesRemoved);
        var mounted = parts.Catalog.WriteLazily(tx =>
        {
            var now = parts.Time.GetUtcNow();
            var contexts = MountTable.OfSession(tx, row.Id).ConvertAll(m => m.ContextId);
            SessionTable.SetReleased(tx, row.Id, now);
            SessionTable.DeleteReleasedBefore(tx, now - s_rememberReleased);
            return contexts;
        });
        parts.Upkeep.AfterRelease(mounted);
    }

    /// <summary>Removes what is left of a session, under another name: whoever carries on with a release that is cut off in the middle
    /// of this must not take the half that is left for what the session made of its data.</summary>
    private void RemoveFiles(string sessionId)
    {
        var (directory, gone) = (parts.Paths.Session(sessionId), parts.Paths.GoneSession(sessionId));
        if (Directory.Exists(directory))
        {
            FaultSeam.Before("rename", directory);
            Directory.Move(directory, gone);
        }
        TreeRemover.Remove(gone);
    }

    // A session whose creation was cut off has no tree yet.
    private bool HasTree(MountRow mount) =>
        Directory.Exists(Path.Combine(parts.Paths.Mount(mount.SessionId, mount.Name), parts.MountOf(mount.Kind).TreeName));

    private void KeepFailed(string sessionId, Exception failure)
    {
        var reason = failure is OperationCanceledException ? "Its release was cancelled." : $"Its upload failed: {failure.Message}";
        parts.Catalog.WriteLazily(tx => SessionTable.SetStatus(tx, sessionId, AgbSessionStatus.Failed, reason));
        throw failure is OperationCanceledException
            ? failure
            : new AgbException(
                AgbErrorIds.SyncFailed, (failure as AgbException)?.Kind ?? AgbErrorKind.Failed,
                $"The session '{sessionId}' was not removed, because its upload failed: {failure.Message}",
                (failure as AgbException)?.Remedy is { } remedy
                    ? remedy + " Then remove the session again, or give its changes up with -DiscardChanges."
                    : "Remove the session again, or give its changes up with -DiscardChanges.",
                sessionId, failure);
    }
}
