namespace Agb.Engine;

/// <summary>Releases sessions: ends the processes, uploads according to the policies, removes the files.</summary>
internal sealed class SessionReleaser(
    EngineParts parts, SessionReader reader, SessionSleep sleep, SyncOperations syncs, StagingRecovery recovery, BrowserCloser browsers)
{
    /// <summary>How long the catalog remembers a released session and its sync tasks.</summary>
    private static readonly TimeSpan s_rememberReleased = TimeSpan.FromDays(7);

    /// <summary>Releases a session in any state. Concurrent releases of one session all return after it is gone.</summary>
    /// <param name="sessionId">The session.</param>
    /// <param name="mode">The treatment of its changes.</param>
    /// <param name="cancellationToken">Cancels the upload.</param>
    /// <exception cref="AgbException">SessionNotFound, SessionExpired; SyncFailed when the upload failed: the session then stays,
    /// Failed, with its files.</exception>
    internal Task ReleaseAsync(string sessionId, AgbReleaseMode mode, CancellationToken cancellationToken) => ReleaseAsync(
        sessionId,
        row => ReleaseLockedAsync(row, ModeOf(row, mode), end: null, cancellationToken),
        cancellationToken);

    /// <summary>Releases an expired session, or completes an interrupted release, according to the policies. A session with
    /// possibly incomplete files becomes Failed instead if the release would lose or store them.</summary>
    /// <param name="sessionId">The session.</param>
    /// <param name="end">The reason of the end, for an expired session.</param>
    internal Task ReleaseDueAsync(string sessionId, SessionEnd? end) => ReleaseAsync(
        sessionId,
        async row =>
        {
            if (reader.Trees.Doubt(row) is { } doubt)
            {
                // First, so a tree already moved into a layer by a release is checked too.
                recovery.RecoverSession(row.Id);
                if (reader.Trees.IsAtRisk(row))
                {
                    parts.Catalog.WriteLazily(tx => SessionTable.SetStatus(tx, row.Id, AgbSessionStatus.Failed, reader.Trees.Reason(row, doubt)));
                    return;
                }
            }
            await ReleaseLockedAsync(row, ModeOf(row, AgbReleaseMode.Policy), end, CancellationToken.None).ConfigureAwait(false);
        },
        CancellationToken.None);

    private async Task ReleaseAsync(string sessionId, Func<SessionRow, Task> release, CancellationToken cancellationToken)
    {
        reader.Require(sessionId);
        using (await FileLock.AcquireAsync(parts.Paths.SessionLock(sessionId), parts.Time, cancellationToken).ConfigureAwait(false))
        {
            var row = parts.Catalog.Read(tx => SessionTable.Find(tx, sessionId));
            if (row is not null && row.Status != AgbSessionStatus.Released)
            {
                await release(row).ConfigureAwait(false);
            }
            if (parts.Catalog.Read(tx => SessionTable.Find(tx, sessionId)) is { Status: not AgbSessionStatus.Released })
            {
                return;
            }
        }
        File.Delete(parts.Paths.SessionLock(sessionId));
    }

    /// <summary>The mode of this release. The completion of an interrupted release keeps the earlier mode, unless the caller asks
    /// for another.</summary>
    private AgbReleaseMode ModeOf(SessionRow row, AgbReleaseMode asked) =>
        // An interrupted creation has run no program; its tree may be an incomplete copy.
        row.Status == AgbSessionStatus.Creating ? AgbReleaseMode.Discard
        : asked == AgbReleaseMode.Policy && row is { Status: AgbSessionStatus.Releasing, Release: { } begun } && reader.Trees.Doubt(row) is null ? begun
        : asked;

    private async Task ReleaseLockedAsync(SessionRow row, AgbReleaseMode mode, SessionEnd? end, CancellationToken cancellationToken)
    {
        // Before the first change: a damaged record throws.
        var sandbox = row.Handle();
        // The completion of an interrupted release keeps the reason.
        var why = end ?? (row.Status == AgbSessionStatus.Releasing ? row.End : null);
        parts.Catalog.WriteLazily(tx => SessionTable.SetReleasing(tx, row.Id, mode, why));
        // A browser has to close, and a frozen process can't be killed on every kernel.
        await sleep.WakeAsync(row.Id).ConfigureAwait(false);
        if (sandbox is not null && mode != AgbReleaseMode.Discard)
        {
            // Before the kill and the uploads: a browser stores the newest cookies when it closes.
            await browsers.CloseForReleaseAsync(row.Id, sandbox, cancellationToken).ConfigureAwait(false);
        }
        var known = reader.Trees.Doubt(row);
        using (var overlays = reader.Trees.OpenOverlays(row))
        {
            if (sandbox is not null)
            {
                await parts.Driver.StopAsync(sandbox, cancellationToken).ConfigureAwait(false);
            }
            overlays.NoteFailedWrites();
        }
        await parts.Driver.CleanUpAsync(parts.Paths.Session(row.Id), cancellationToken).ConfigureAwait(false);
        // The interrupted release may have died after the move of the session's tree into a layer.
        recovery.RecoverSession(row.Id);
        FaultPoint.Reach(FaultPoint.SessionStopped);
        if (mode != AgbReleaseMode.Discard && Directory.Exists(parts.Paths.Session(row.Id)))
        {
            await UploadAsync(row, mode, known, cancellationToken).ConfigureAwait(false);
        }
        RemoveFiles(row.Id);
        FaultPoint.Reach(FaultPoint.SessionFilesRemoved);
        var mounted = parts.Catalog.WriteLazily(tx =>
        {
            var now = parts.Time.GetUtcNow();
            var contexts = MountTable.AllOfSession(tx, row.Id).ConvertAll(m => m.ContextId);
            SessionTable.SetReleased(tx, row.Id, now);
            SessionTable.DeleteReleasedBefore(tx, now - s_rememberReleased);
            return contexts;
        });
        parts.Maintenance.AfterRelease(mounted);
        parts.ForkLayers.Collect();
    }

    /// <summary>Makes the uploads of a release, as far as the files are sound.</summary>
    /// <param name="row">The session.</param>
    /// <param name="mode">The mode of the release.</param>
    /// <param name="known">The doubt about the session's files before the release, or null.</param>
    /// <param name="cancellationToken">Cancels the upload.</param>
    private async Task UploadAsync(SessionRow row, AgbReleaseMode mode, string? known, CancellationToken cancellationToken)
    {
        var doubt = reader.Trees.Doubt(row);
        var mounts = parts.Catalog.Read(tx => MountTable.OfSession(tx, row.Id))
            .FindAll(m => (mode == AgbReleaseMode.Upload || m.UploadsAtRelease) && reader.Trees.HasTree(m));
        if (doubt is not null && known is null && mounts.Count > 0)
        {
            // The doubt arose during this release, so the caller could not know of it.
            KeepFailed(row.Id, new AgbException(AgbErrorIds.SyncFailed, AgbErrorKind.Failed, reader.Trees.Reason(row, doubt)));
        }
        if (doubt is not null && mode != AgbReleaseMode.Upload)
        {
            // The completion of this release by another process discards the files too.
            parts.Catalog.WriteLazily(tx => SessionTable.SetDiscarding(tx, row.Id));
            syncs.GiveUp(mounts, doubt);
            return;
        }
        if (await syncs.UploadAsync(mounts, new UploadCare(Released: true, doubt), cancellationToken).ConfigureAwait(false) is { } failure)
        {
            KeepFailed(row.Id, failure);
        }
    }

    /// <summary>Removes the files of a session under another name. Otherwise the completion of an interrupted removal would take
    /// the remaining half for the session's changes.</summary>
    private void RemoveFiles(string sessionId)
    {
        var (directory, gone) = (parts.Paths.Session(sessionId), parts.Paths.GoneSession(sessionId));
        if (Directory.Exists(directory))
        {
            FaultSeam.Before("rename", directory);
#pragma warning disable RS0030 // A lost rename is repeated by recovery.
            Directory.Move(directory, gone);
#pragma warning restore RS0030
        }
        TreeRemover.Remove(gone);
    }

    private void KeepFailed(string sessionId, Exception failure)
    {
        var reason = failure is OperationCanceledException ? "Its release was cancelled." : $"Its upload failed: {failure.Message}";
        parts.Catalog.WriteLazily(tx => SessionTable.SetStatus(tx, sessionId, AgbSessionStatus.Failed, reason));
        throw failure is OperationCanceledException
            ? failure
            : new AgbException(
                AgbErrorIds.SyncFailed, (failure as AgbException)?.Kind ?? AgbErrorKind.Failed,
                $"The session '{sessionId}' was not removed, because its upload failed: {failure.Message}",
                (failure as AgbException)?.Remedy, sessionId, failure)
            {
                Advice = AgbAdvice.ReleaseAgain,
            };
    }
}
