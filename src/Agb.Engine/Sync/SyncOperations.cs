namespace Agb.Engine;

/// <summary>Starts and runs syncs, and reports their status.</summary>
internal sealed class SyncOperations(
    EngineParts parts, SessionReader reader, SessionActivity activity, SyncTasks tasks, StagingRecovery recovery,
    BrowserRecords browsers)
{
    private const int FinishAttempts = 5;
    private static readonly TimeSpan s_firstPoll = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan s_longestPoll = TimeSpan.FromMilliseconds(250);

    private readonly RunningSyncs _running = new();
    private readonly LinkedNames _names = new(parts.Paths);
    private readonly Uploader _uploader = new(parts.Paths, parts.Catalog, parts.Time, parts.Clearer, parts.Log);
    private readonly DownloadExecutor _downloads = new(parts.Paths, parts.Catalog, parts.Time, parts.PolicyLayers, parts.MountOf, parts.Log);

    /// <summary>Registers the tasks and starts them in the background.</summary>
    internal async Task<IReadOnlyList<AgbSyncStatus>> StartAsync(
        string sessionId, AgbSyncRequest request, CancellationToken cancellationToken)
    {
        var mounts = Select(sessionId, request);
        if (request.MaxDeletePercent is not null)
        {
            // Before the registration, so a refusal goes to the caller and leaves no trace.
            await PlanAsync(sessionId, request, cancellationToken).ConfigureAwait(false);
        }
        var registered = parts.Catalog.WriteLazily(tx =>
            mounts.ToDictionary(m => m.Name, m => tasks.Register(tx, m, request.Mode), StringComparer.Ordinal));
        _running.Add(
            sessionId, Task.Run(() => ExecuteSafelyAsync(sessionId, mounts, registered, request, cancellationToken), CancellationToken.None));
        // Tasks of mounts that were taken out stay in the status.
        return [.. Status(sessionId, request.ContextId, request.Path, request.Mode).Where(t => mounts.Exists(m => (m.ContextId, m.Path) == (t.ContextId, t.Path)))];
    }

    /// <summary>Plans a sync without doing it.</summary>
    internal async Task<IReadOnlyList<AgbSyncPlanItem>> PlanAsync(
        string sessionId, AgbSyncRequest request, CancellationToken cancellationToken)
    {
        Select(sessionId, request);
        using var sessionLock = await FileLock.AcquireAsync(parts.Paths.SessionLock(sessionId), parts.Time, cancellationToken).ConfigureAwait(false);
        SessionLocks.RemoveIfGone(parts.Paths, parts.Catalog, sessionId);
        recovery.RecoverSession(sessionId);
        var doubt = request.Mode == AgbSyncTaskType.Upload ? DoubtOf(sessionId) : null;
        var items = new List<AgbSyncPlanItem>();
        foreach (var mount in Select(sessionId, request))
        {
            if (request.Mode == AgbSyncTaskType.Upload)
            {
                BringUpNames(mount, doubt, cancellationToken);
            }
            items.AddRange(request.Mode == AgbSyncTaskType.Upload
                ? PlanItems.Of(_uploader.Plan(mount, parts.MountOf(mount.Kind), doubt, request.MaxDeletePercent, cancellationToken), mount)
                : PlanItems.Of(await _downloads.PlanAsync(mount, request.Force, cancellationToken).ConfigureAwait(false), mount));
        }
        return [.. items.Select(i => i with { Service = parts.Service })];
    }

    /// <summary>Uploads mounts of a session, under the caller's hold on the session's lock.</summary>
    /// <returns>The first error, if any mount failed.</returns>
    internal async Task<Exception?> UploadAsync(
        IReadOnlyList<MountRow> mounts, UploadCare care, CancellationToken cancellationToken, double? maxDeletePercent = null,
        DateTimeOffset? registered = null)
    {
        Exception? first = null;
        for (var i = 0; i < mounts.Count; i++)
        {
            var mount = mounts[i];
            var now = care with { EndsRelease = care.Released && first is null && i == mounts.Count - 1 };
            first = await RunAsync(
                mount, AgbSyncTaskType.Upload, registered,
                async progress =>
                {
                    if (!care.IsFrozen)
                    {
                        BringUpNames(mount, care.Doubt, cancellationToken);
                    }
                    var mayLag = !care.Released && browsers.MayLag(mount.SessionId, mount.Path);
                    var result = await _uploader.UploadAsync(
                        mount, parts.MountOf(mount.Kind), now, maxDeletePercent, progress, cancellationToken).ConfigureAwait(false);
                    return mayLag ? result with { Warnings = [.. result.Warnings, BrowserRecords.LagWarning] } : result;
                }).ConfigureAwait(false) ?? first;
        }
        return first;
    }

    /// <summary>Makes the last upload of a mount that leaves its session, under the caller's hold on the session's lock.</summary>
    /// <param name="mount">The mount.</param>
    /// <param name="mode">The treatment of its changes.</param>
    /// <param name="isFrozen">Whether it is read-only for the session.</param>
    /// <param name="cancellationToken">Cancels the upload.</param>
    /// <exception cref="AgbException">UnsavedChanges, SyncFailed.</exception>
    internal async Task UploadLastAsync(MountRow mount, AgbReleaseMode mode, bool isFrozen, CancellationToken cancellationToken)
    {
        if (mode == AgbReleaseMode.Discard)
        {
            return;
        }
        var doubt = DoubtOf(mount.SessionId);
        if (mode == AgbReleaseMode.Policy && (doubt is not null || !mount.UploadsAtRelease))
        {
            var plan = _uploader.Plan(mount, parts.MountOf(mount.Kind), doubt: null, maxDeletePercent: null, cancellationToken);
            if (plan.Steps.Count > 0)
            {
                var why = doubt is not null ? $"they may be incomplete, because {doubt}" : mount.IsOfFork ? "a fork uploads only on request" : "its policy does not upload them";
                throw new AgbException(
                    AgbErrorIds.UnsavedChanges, AgbErrorKind.InvalidState,
                    $"'{mount.Path}' has {plan.Steps.Count} change(s) after its last upload, and {why}.",
                    target: mount.Path) { Advice = AgbAdvice.SaveOrDropChanges };
            }
            return;
        }
        await parts.EntryExpiry.RunAsync(mount.ContextId, cancellationToken, wait: true).ConfigureAwait(false);
        if (await UploadAsync([mount], new UploadCare(Released: false, doubt) { IsFrozen = isFrozen }, cancellationToken).ConfigureAwait(false) is { } failure)
        {
            throw failure is OperationCanceledException ? failure : new AgbException(
                AgbErrorIds.SyncFailed, (failure as AgbException)?.Kind ?? AgbErrorKind.Failed,
                $"'{mount.Path}' stays mounted, because its upload failed: {failure.Message}", (failure as AgbException)?.Remedy, mount.Path, failure);
        }
    }

    /// <summary>Copies up the names of changed files with several names.</summary>
    /// <returns>The inodes of these files.</returns>
    internal HashSet<ulong> BringUpNames(MountRow mount, CancellationToken cancellationToken) =>
        _names.BringUp(mount, parts.MountOf(mount.Kind), () => reader.Require(mount.SessionId).Handle(), cancellationToken);

    /// <summary>Whether further files with several names were changed since.</summary>
    internal bool HasMoreNames(MountRow mount, HashSet<ulong> known) => !_names.Inodes(mount, parts.MountOf(mount.Kind)).IsSubsetOf(known);

    // Trees in doubt are not changed.
    private void BringUpNames(MountRow mount, string? doubt, CancellationToken cancellationToken)
    {
        if (doubt is null)
        {
            BringUpNames(mount, cancellationToken);
        }
    }

    /// <summary>Records that changes of mounts with possibly incomplete files were not uploaded.</summary>
    internal void GiveUp(List<MountRow> mounts, string doubt) => parts.Catalog.WriteLazily(tx =>
    {
        foreach (var mount in mounts)
        {
            tasks.Finish(tx, mount, AgbSyncTaskType.Upload, new UploadResult(null, 0, 0, [])
            {
                Warnings = [$"Changes after the last upload were not uploaded: they may be incomplete, because {doubt}."],
            });
        }
    });

    /// <summary>The reason why the trees of a session may be incomplete, or null. The caller holds the session's lock.</summary>
    private string? DoubtOf(string sessionId)
    {
        var row = reader.Require(sessionId);
        using (var overlays = reader.Trees.OpenOverlays(row))
        {
            overlays.NoteFailedWrites();
        }
        return reader.Trees.Doubt(row);
    }

    /// <summary>The current tasks of a session, also of a released one.</summary>
    internal IReadOnlyList<AgbSyncStatus> Status(string sessionId, string? contextId, string? path, AgbSyncTaskType? type)
    {
        var normal = path is null ? null : LinuxPath.Normalize(path);
        return parts.Catalog.Read(tx =>
        {
            if (SessionTable.Find(tx, sessionId) is null)
            {
                throw AgbErrors.SessionNotFound(sessionId);
            }
            return TaskTable.OfSession(tx, sessionId)
                .Where(t => (contextId is null || t.ContextId == contextId) && (normal is null || t.Path == normal)
                    && (type is null || t.TaskType == type))
                .Select(t => t with { Service = parts.Service })
                .ToArray();
        });
    }

    /// <summary>Waits until no task is pending or running.</summary>
    internal async Task<IReadOnlyList<AgbSyncStatus>> WaitAsync(
        string sessionId, TimeSpan timeout, string? contextId, string? path, CancellationToken cancellationToken)
    {
        var began = parts.Time.GetTimestamp();
        for (var poll = s_firstPoll; ; poll = poll * 2 < s_longestPoll ? poll * 2 : s_longestPoll)
        {
            var status = Status(sessionId, contextId, path, null);
            if (!status.Any(t => t.Status is AgbSyncTaskStatus.Pending or AgbSyncTaskStatus.Running))
            {
                return status;
            }
            if (parts.Time.GetElapsedTime(began) >= timeout)
            {
                throw new AgbException(
                    AgbErrorIds.WaitTimeout, AgbErrorKind.Timeout,
                    $"The sync of the session '{sessionId}' did not end within {timeout.TotalSeconds:0.###} s.",
                    target: sessionId) { Advice = AgbAdvice.WaitForSync };
            }
            await _running.DelayAsync(sessionId, poll, parts.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The mounts selected by a request.</summary>
    internal List<MountRow> Select(string sessionId, AgbSyncRequest request)
    {
        var row = reader.Require(sessionId);
        if (reader.IsLost(row) || (row.Status == AgbSessionStatus.Failed && reader.Trees.Doubt(row) is not null) ? request.Mode == AgbSyncTaskType.Download : row.Status is not (AgbSessionStatus.Running or AgbSessionStatus.Suspended or AgbSessionStatus.Failed))
        {
            throw SessionErrors.NotRunning(reader.ToSession(row));
        }
        var (contextId, path) = (request.ContextId, request.Path);
        var normal = path is null ? null : LinuxPath.Normalize(path);
        return parts.Catalog.Read(tx =>
        {
            var id = contextId is null ? null : ContextOperations.Require(tx, contextId).Id;
            var all = MountTable.OfSession(tx, sessionId);
            var meant = all.FindAll(m => (id is null || m.ContextId == id) && (normal is null || m.Path == normal));
            if (meant.Count == 0 && (id is not null || normal is not null))
            {
                throw new AgbException(
                    AgbErrorIds.SyncTargetNotFound, AgbErrorKind.NotFound,
                    $"The session '{sessionId}' has no mount{(id is null ? "" : $" of the context '{contextId}'")}{(normal is null ? "" : $" at '{normal}'")}.",
                    all.Count == 0 ? "The session mounts no context." : "Its mounts: " + string.Join(", ", all.Select(m => $"{m.ContextId} at {m.Path}")) + ".",
                    path ?? contextId);
            }
            if (request.Mode != AgbSyncTaskType.Download || !meant.Exists(m => m.IsReadOnly))
            {
                return meant;
            }
            return normal is null ? meant.FindAll(m => !m.IsReadOnly) : throw new AgbException(
                AgbErrorIds.MountFailed, AgbErrorKind.InvalidState, $"The mount at '{normal}' is read-only, so nothing is downloaded into it.",
                target: normal) { Advice = AgbAdvice.SwitchVersion };
        });
    }

    /// <summary>Runs the tasks of a sync, and records all errors in them, because no caller awaits them.</summary>
    private async Task ExecuteSafelyAsync(
        string sessionId, List<MountRow> mounts, Dictionary<string, DateTimeOffset> registered, AgbSyncRequest request,
        CancellationToken cancellationToken)
    {
        try
        {
            await ExecuteAsync(sessionId, mounts, registered, request, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            parts.Catalog.WriteLazily(tx =>
            {
                foreach (var mount in mounts)
                {
                    tasks.Fail(tx, mount, request.Mode, e, registered[mount.Name]);
                }
            });
        }
    }

    private async Task ExecuteAsync(
        string sessionId, List<MountRow> mounts, Dictionary<string, DateTimeOffset> registered, AgbSyncRequest request,
        CancellationToken cancellationToken)
    {
        var type = request.Mode;
        using var used = activity.Use(sessionId);
        using var sessionLock = await FileLock.AcquireAsync(parts.Paths.SessionLock(sessionId), parts.Time, cancellationToken).ConfigureAwait(false);
        SessionLocks.RemoveIfGone(parts.Paths, parts.Catalog, sessionId);
        recovery.RecoverSession(sessionId);
        var care = new UploadCare(Released: false, type == AgbSyncTaskType.Upload ? DoubtOf(sessionId) : null);
        // Read again under the lock: another upload may have changed the mounts in the meantime.
        var present = parts.Catalog.Read(tx => MountTable.OfSession(tx, sessionId));
        foreach (var mount in mounts)
        {
            var time = registered[mount.Name];
            if (present.Find(m => m.Name == mount.Name) is not { } current)
            {
                parts.Catalog.WriteLazily(tx => tasks.Fail(tx, mount, type, AgbErrors.SessionNotFound(sessionId, parts.Time.GetUtcNow()), time));
            }
            else if (type == AgbSyncTaskType.Upload)
            {
                await parts.EntryExpiry.RunAsync(current.ContextId, cancellationToken, wait: true).ConfigureAwait(false);
                await UploadAsync([current], care, cancellationToken, request.MaxDeletePercent, time).ConfigureAwait(false);
            }
            else
            {
                await parts.EntryExpiry.RunAsync(current.ContextId, cancellationToken, wait: true).ConfigureAwait(false);
                await RunAsync(current, type, time, progress => _downloads.DownloadAsync(current, request.Force, progress, cancellationToken)).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Runs one task and records its end; an error is recorded in the task and returned.</summary>
    private async Task<Exception?> RunAsync(
        MountRow mount, AgbSyncTaskType type, DateTimeOffset? registered, Func<SyncProgress, Task<UploadResult>> work)
    {
        parts.Catalog.WriteLazily(tx => tasks.Begin(tx, mount, type, registered));
        UploadResult result;
        try
        {
            var progress = tasks.ProgressOf(parts.Catalog, parts.Time, mount, type, registered);
            result = await ErrorTranslation.GuardAsync($"syncing '{mount.Path}'", () => work(progress)).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            parts.Catalog.WriteLazily(tx => tasks.Fail(tx, mount, type, e, registered));
            return e;
        }
        if (result.Version is not null && type == AgbSyncTaskType.Upload)
        {
            // Before the task is reported as done: otherwise a caller that exits then would never let maintenance finish.
            parts.Maintenance.Maintain(mount.ContextId);
        }
        await FinishAsync(mount, type, registered, result).ConfigureAwait(false);
        return null;
    }

    /// <summary>Records the end of a task. Retries, because a failed write to the catalog, for example on a full disk, must not
    /// turn a completed task into a failed one.</summary>
    private async Task FinishAsync(MountRow mount, AgbSyncTaskType type, DateTimeOffset? registered, UploadResult result)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                parts.Catalog.WriteLazily(tx => tasks.Finish(tx, mount, type, result, registered));
                return;
            }
            catch (Exception e) when (attempt < FinishAttempts)
            {
                parts.Log.SyncEndNotRecorded(mount.Path, e);
            }
            await Task.Delay(s_longestPoll, parts.Time).ConfigureAwait(false);
        }
    }
}
