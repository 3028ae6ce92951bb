namespace Agb.Engine;

/// <summary>Mounts contexts into running sessions, and takes them out. Each change notes its steps in the catalog, for
/// <see cref="MountRecovery"/>.</summary>
internal sealed class SessionMounts(
    EngineParts parts, SessionReader reader, SessionActivity activity, (SyncTasks Tasks, SyncOperations Operations) syncs, (StagingRecovery Staging, MountRecovery Mounts) recovery,
    Func<string, CancellationToken, Task<(AgbImage Image, SandboxHandle Sandbox)>> requireRunning)
{
    private const int MostFreezes = 5;

    /// <summary>The contexts of a session.</summary>
    internal IReadOnlyList<AgbMount> List(string sessionId) => parts.Catalog.Read(tx =>
    {
        reader.Require(tx, sessionId);
        return MountTable.OfSession(tx, sessionId).OrderBy(m => m.Path, StringComparer.Ordinal).Select(ToMount).ToArray();
    });

    /// <summary>Mounts a context, for a valid request.</summary>
    internal async Task<AgbMount> MountAsync(string sessionId, AgbMountRequest request, CancellationToken cancellationToken)
    {
        var (image, sandbox) = await requireRunning(sessionId, cancellationToken).ConfigureAwait(false);
        if (SessionHome.IsCovered(image, [request.Sync.Path]))
        {
            throw new AgbException(
                AgbErrorIds.MountFailed, AgbErrorKind.InvalidInput,
                $"'{request.Sync.Path}' holds the home '{image.HomeDirectory}' of the session's user, so nothing can be mounted over it while the session runs.",
                "Mount the context below it, or create a session with it.", request.Sync.Path);
        }
        var sync = Resolve(request);
        UploadModes.Require(sync);
        await parts.EntryExpiry.RunAsync(sync.ContextId, cancellationToken).ConfigureAwait(false);
        RequireMode(sync);
        var verdict = await HostProbe.GetAsync(parts.Paths.Home, fresh: false, cancellationToken).ConfigureAwait(false);
        using var used = activity.Use(sessionId);
        using var sessionLock = await LockAsync(sessionId, cancellationToken).ConfigureAwait(false);
        var kind = verdict.MountKindFor(parts.Options.MountKind);
        var mount = Register(sessionId, sync, request, kind);
        try
        {
            var ready = Prepare(mount, verdict, cancellationToken);
            parts.Driver.Mounts.Attach(sandbox, parts.Paths.Session(sessionId), [ready]);
            FaultPoint.Reach(FaultPoint.MountAttached);
        }
        catch
        {
            recovery.Mounts.Drop(mount);
            throw;
        }
        recovery.Mounts.Finish(mount);
        return ToMount(mount);
    }

    /// <summary>Takes a context out, for a valid request.</summary>
    internal async Task<AgbMount> DismountAsync(string sessionId, AgbMountChange request, CancellationToken cancellationToken)
    {
        var (_, sandbox) = await requireRunning(sessionId, cancellationToken).ConfigureAwait(false);
        using var used = activity.Use(sessionId);
        using var sessionLock = await LockAsync(sessionId, cancellationToken).ConfigureAwait(false);
        var mount = Find(sessionId, request);
        await SettleAsync(mount, sandbox, request, cancellationToken).ConfigureAwait(false);
        parts.Catalog.WriteLazily(tx => MountTable.SetStep(tx, mount, MountStep.Leaving));
        FaultPoint.Reach(FaultPoint.MountLeaving);
        recovery.Mounts.Leave(sandbox, mount);
        parts.Maintenance.AfterRelease([mount.ContextId]);
        return ToMount(mount);
    }

    /// <summary>Shows another version of a context, for a valid request.</summary>
    internal async Task<AgbMount> SwitchAsync(string sessionId, AgbMountChange request, CancellationToken cancellationToken)
    {
        var (_, sandbox) = await requireRunning(sessionId, cancellationToken).ConfigureAwait(false);
        var verdict = await HostProbe.GetAsync(parts.Paths.Home, fresh: false, cancellationToken).ConfigureAwait(false);
        using var used = activity.Use(sessionId);
        using var sessionLock = await LockAsync(sessionId, cancellationToken).ConfigureAwait(false);
        var old = Find(sessionId, request);
        // Before the first change: it may not exist.
        parts.Catalog.Read(tx => StackOf(tx, ContextOperations.Require(tx, old.ContextId), request.Version));
        await SettleAsync(old, sandbox, request, cancellationToken).ConfigureAwait(false);
        MountRow? mount = null;
        bool isUnused;
        try
        {
            mount = Register(sessionId, new AgbContextSync { ContextId = old.ContextId, Path = old.Path, Policy = old.Policy }, new AgbMountRequest
            {
                Sync = new AgbContextSync { ContextId = old.ContextId, Path = old.Path }, Version = request.Version, IsReadOnly = old.IsReadOnly,
            }, old.Kind, old.Name);
            var ready = Prepare(mount, verdict, cancellationToken);
            isUnused = parts.Driver.Mounts.Replace(sandbox, parts.Paths.Session(sessionId), ready, old.Name);
            FaultPoint.Reach(FaultPoint.MountAttached);
        }
        catch
        {
            if (mount is not null)
            {
                recovery.Mounts.Drop(mount);
            }
            recovery.Mounts.Thaw(sandbox, old);
            throw;
        }
        recovery.Mounts.Finish(mount);
        if (isUnused)
        {
            recovery.Mounts.Drop(old);
        }
        parts.Maintenance.AfterRelease([mount.ContextId]);
        return ToMount(mount);
    }

    /// <summary>Stops the writes to a mount and uploads its changes. After a failure it is as before.</summary>
    private async Task SettleAsync(MountRow mount, SandboxHandle sandbox, AgbMountChange request, CancellationToken cancellationToken)
    {
        if (mount.IsReadOnly || request.Changes == AgbReleaseMode.Discard)
        {
            return;
        }
        var isFrozen = Freeze(mount, sandbox, request.Force, cancellationToken);
        try
        {
            FaultPoint.Reach(FaultPoint.MountFrozen);
            await syncs.Operations.UploadLastAsync(mount, request.Changes, isFrozen, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            if (isFrozen)
            {
                recovery.Mounts.Thaw(sandbox, mount);
            }
            throw;
        }
    }

    /// <summary>Makes a mount read-only. Later writes by open directories fail as well, so nothing is lost.</summary>
    /// <returns>False if programs have files open for writing, and that does not matter.</returns>
    private bool Freeze(MountRow mount, SandboxHandle sandbox, bool force, CancellationToken cancellationToken)
    {
        var directory = parts.Paths.Session(mount.SessionId);
        for (var freezes = 1; ; freezes++)
        {
            var linked = syncs.Operations.BringUpNames(mount, cancellationToken);
            parts.Catalog.WriteLazily(tx => MountTable.SetStep(tx, mount, MountStep.Frozen));
            if (!parts.Driver.Mounts.TrySetReadOnly(sandbox, directory, mount.Name, isReadOnly: true))
            {
                parts.Catalog.WriteLazily(tx => MountTable.SetStep(tx, mount, null));
                return force ? false : throw InUse(mount, parts.Driver.Mounts.Writers(sandbox, directory, mount.Name));
            }
            if (freezes == MostFreezes || !syncs.Operations.HasMoreNames(mount, linked))
            {
                return true;
            }
            // A file with several names was changed in between: they are brought up while the mount is writable.
            recovery.Mounts.Thaw(sandbox, mount);
        }
    }

    private MountRow Register(string sessionId, AgbContextSync sync, AgbMountRequest request, MountKind kind, string? replaced = null) => parts.Catalog.WriteLazily(tx =>
    {
        var context = ContextOperations.Require(tx, sync.ContextId);
        var all = MountTable.AllOfSession(tx, sessionId);
        var others = all.FindAll(m => m.Step != MountStep.Leaving && m.Name != replaced);
        LinuxPath.RequireDisjoint([.. others.Select(m => m.Path), sync.Path]);
        if (others.Count >= AgbSessionRequest.MaxContextSyncs)
        {
            throw AgbErrors.Invalid(
                AgbErrorIds.InvalidSessionOption, $"The session '{sessionId}' has {others.Count} context mounts; at most {AgbSessionRequest.MaxContextSyncs} are allowed.",
                "Take another one out first.", sessionId);
        }
        var rules = new EffectivePolicy(sync.Policy, sync.Path);
        var shows = request.Version is not null || rules.DownloadsAtStart || replaced is not null;
        var mount = new MountRow
        {
            SessionId = sessionId,
            Name = FreeName(sessionId, all),
            ContextId = context.Id,
            Path = sync.Path,
            Policy = sync.Policy,
            Kind = kind,
            Stack = shows ? StackOf(tx, context, request.Version) : "",
            Seen = shows ? request.Version ?? context.Head : context.Head == 0 ? 0 : null,
            Version = shows ? request.Version ?? context.Head : null,
            IsReadOnly = request.IsReadOnly,
            Step = MountStep.Preparing,
        };
        MountTable.Insert(tx, mount);
        ContextTable.Touch(tx, context.Id, parts.Time.GetUtcNow());
        return mount;
    });

    private SandboxMount Prepare(MountRow mount, HostVerdict verdict, CancellationToken cancellationToken)
    {
        FaultPoint.Reach(FaultPoint.MountRegistered);
        if (mount.Kind == MountKind.TrustedOverlay)
        {
            StoreFormat.Raise(parts.Paths, StoreFormat.WithMarks);
            new TrustedLayers(parts.Paths).Ensure(LayerStack.Parse(mount.Stack), cancellationToken);
        }
        var warnings = parts.PolicyLayers.Prepare(mount, cancellationToken);
        var ready = parts.MountOf(mount.Kind).Prepare(mount, cancellationToken);
        parts.Catalog.WriteLazily(tx =>
        {
            MountTable.SetStep(tx, mount, MountStep.Attaching);
            if (mount.Version is not null)
            {
                syncs.Tasks.Register(tx, mount, AgbSyncTaskType.Download);
                syncs.Tasks.Finish(tx, mount, AgbSyncTaskType.Download, new UploadResult(mount.Seen, 0, 0, []) { Warnings = warnings });
            }
        });
        FaultPoint.Reach(FaultPoint.MountPrepared);
        return ready with
        {
            IsReadOnly = mount.IsReadOnly,
            KeepsLinks = verdict.LinksError is null && ready.Marks == OverlayMarks.Trusted && parts.Catalog.Read(tx => VersionTable.MayHaveLinks(tx, mount.Stack)),
        };
    }

    private async Task<IDisposable> LockAsync(string sessionId, CancellationToken cancellationToken)
    {
        var held = await FileLock.AcquireAsync(parts.Paths.SessionLock(sessionId), parts.Time, cancellationToken).ConfigureAwait(false);
        try
        {
            SessionLocks.RemoveIfGone(parts.Paths, parts.Catalog, sessionId);
            recovery.Staging.RecoverSession(sessionId);
            var row = reader.Require(sessionId);
            return row.Status is AgbSessionStatus.Running or AgbSessionStatus.Suspended && !reader.IsLost(row) ? held : throw SessionErrors.NotRunning(reader.ToSession(row));
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    private MountRow Find(string sessionId, AgbMountChange request)
    {
        var meant = syncs.Operations.Select(sessionId, new AgbSyncRequest
        {
            ContextId = request.ContextId is null ? null : parts.Catalog.Read(tx => ContextOperations.Find(tx, request.ContextId)).Id, Path = request.Path,
        });
        return meant.Count switch
        {
            1 => meant[0],
            0 => throw new AgbException(
                AgbErrorIds.SyncTargetNotFound, AgbErrorKind.NotFound, $"The session '{sessionId}' mounts no context.", target: sessionId),
            var many => throw AgbErrors.Invalid(
                AgbErrorIds.AmbiguousPath, $"{many} mounts of the session '{sessionId}' are meant: {string.Join(", ", meant.Select(m => m.Path))}.",
                "Name one of these paths.", request.ContextId),
        };
    }

    /// <summary>The sync of a request, with the context's id, and the sub path as mapping.</summary>
    private AgbContextSync Resolve(AgbMountRequest request)
    {
        var context = parts.Catalog.Read(tx =>
        {
            var found = ContextOperations.Find(tx, request.Sync.ContextId);
            StackOf(tx, found, request.Version);
            return found;
        });
        var sync = request.Sync with { ContextId = context.Id };
        if (request.SubPath is not { Length: > 0 } below)
        {
            return sync;
        }
        var paths = sync.Policy.Mapping is { } mapping ? [mapping.Path] : new ContextOperations(parts).Paths(context.Id);
        var above = paths.Count switch
        {
            0 => sync.Path,
            1 => paths[0],
            _ => throw AgbErrors.Invalid(
                AgbErrorIds.AmbiguousPath, $"The context '{context.Name}' has data under several paths, so the sub path '{below}' is not clear: {string.Join(", ", paths)}.",
                "Give a policy with the mapping path above it.", request.SubPath),
        };
        sync = sync with { Policy = (sync.Policy with { Mapping = new AgbMappingPolicy { Path = $"{above.TrimEnd('/')}/{below}" } }).Validate() };
        if (request.IsReadOnly)
        {
            RequireDirectory(sync, request.Version);
        }
        return sync;
    }

    /// <summary>Requires the directory of a read-only mount, which could never get a file.</summary>
    private void RequireDirectory(AgbContextSync sync, long? version)
    {
        var rules = new EffectivePolicy(sync.Policy, sync.Path);
        using var stored = Snapshot.Open(parts.Paths, parts.Catalog, sync.ContextId, version);
        using var directory = stored.OpenOrigin(rules.Origin);
        if (!directory.Exists && !rules.IsArchive)
        {
            throw AgbErrors.FileNotFound(sync.ContextId, rules.Origin);
        }
    }

    private void RequireMode(AgbContextSync sync)
    {
        using var head = Snapshot.Open(parts.Paths, parts.Catalog, sync.ContextId);
        UploadModes.Require(
            parts.Catalog.Read(tx => OriginTable.OfContext(tx, sync.ContextId)), head.Context.Name, new EffectivePolicy(sync.Policy, sync.Path), head);
    }

    private string FreeName(string sessionId, List<MountRow> all)
    {
        for (var i = all.Count; ; i++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"m{i}");
            if (!all.Exists(m => m.Name == name) && !Directory.Exists(parts.Paths.Mount(sessionId, name)))
            {
                return name;
            }
        }
    }

    private static string StackOf(CatalogTransaction tx, ContextRow context, long? version) => version is { } number
        ? (VersionTable.Find(tx, context.Id, number) ?? throw AgbErrors.VersionNotFound(context.Id, number)).Stack
        : VersionTable.HeadStack(tx, context);

    private AgbMount ToMount(MountRow row) => new()
    {
        Service = parts.Service,
        SessionId = row.SessionId,
        ContextId = row.ContextId,
        Path = row.Path,
        OriginPath = row.Origin,
        Version = row.Version,
        IsReadOnly = row.IsReadOnly,
        Policy = row.Policy,
    };

    private static AgbException InUse(MountRow mount, IReadOnlyList<string> writers) => new(
        AgbErrorIds.MountInUse, AgbErrorKind.InvalidState,
        $"Programs have files at '{mount.Path}' open for writing: {(writers.Count == 0 ? "none that can be named" : string.Join(", ", writers))}.",
        target: mount.Path) { Advice = AgbAdvice.EndWriters };
}
