namespace Agb.Engine;

/// <summary>Creates sessions.</summary>
internal sealed class SessionCreator(
    EngineParts parts, SessionReader reader, SessionActivity activity, SyncTasks tasks, SessionClaims claims, PreparedSandboxes prepared)
{
    /// <summary>Creates a session from a valid request.</summary>
    internal async Task<AgbSession> CreateAsync(AgbSessionRequest request, CancellationToken cancellationToken)
    {
        request = request with { Limits = request.Limits.Or(parts.Options.DefaultLimits) };
        var image = parts.Images.Get(request.ImageId);
        LimitRules.RequireRoom(request.Limits, image);
        var network = SessionNetworks.Choose(request.Network, image);
        foreach (var sync in request.ContextSyncs)
        {
            UploadModes.Require(sync);
        }
        await HostProbe.RequireReadyAsync(parts.Paths.Home, cancellationToken).ConfigureAwait(false);
        var verdict = await HostProbe.GetAsync(parts.Paths.Home, fresh: false, cancellationToken).ConfigureAwait(false);
        var kind = verdict.MountKindFor(parts.Options.MountKind);
        // Names are resolved here; ids alone count from now on.
        request = request with
        {
            ContextSyncs = parts.Catalog.Read(tx =>
                request.ContextSyncs.Select(s => s with { ContextId = ContextOperations.Find(tx, s.ContextId).Id }).ToArray()),
        };
        foreach (var contextId in request.ContextSyncs.Select(s => s.ContextId).Distinct())
        {
            await parts.EntryExpiry.RunAsync(contextId, cancellationToken).ConfigureAwait(false);
        }
        foreach (var sync in request.ContextSyncs)
        {
            RequireMode(sync);
        }
        var prepare = verdict.OverlayError is null && parts.Options.PreparedSandboxes > 0 ? new PreparedKind(image, network, request.Limits) : null;
        var session = await TryPreparedAsync(prepare, request, kind, verdict, cancellationToken).ConfigureAwait(false)
            ?? await CreateAsync(null, request, (image, network), kind, verdict, cancellationToken).ConfigureAwait(false);
        if (prepare is not null)
        {
            prepared.PrepareLater(prepare);
        }
        return session;
    }

    /// <summary>Creates a session from a sandbox that stands ready; null without one, or if its mounts can't be attached.</summary>
    private async Task<AgbSession?> TryPreparedAsync(
        PreparedKind? wanted, AgbSessionRequest request, MountKind kind, HostVerdict verdict, CancellationToken cancellationToken)
    {
        // The home of a session is fixed with its sandbox.
        if (wanted is null || request.NoWait || SessionHome.IsCovered(wanted.Image, request.ContextSyncs.Select(s => s.Path))
            || prepared.Take(wanted) is not { } ready)
        {
            return null;
        }
        try
        {
            return await CreateAsync(ready, request, (wanted.Image, wanted.Network), kind, verdict, cancellationToken).ConfigureAwait(false);
        }
        catch (AgbException e) when (e.ErrorId is AgbErrorIds.MountFailed or AgbErrorIds.SessionNotRunning)
        {
            parts.Log.PreparedUnused(ready.SessionId, e);
            return null;
        }
    }

    private async Task<AgbSession> CreateAsync(
        PreparedSandbox? ready, AgbSessionRequest request, (AgbImage Image, AgbNetwork Network) place, MountKind kind, HostVerdict verdict,
        CancellationToken cancellationToken)
    {
        var sessionId = ready?.SessionId ?? SessionLocks.IdPrefix + RandomId.New();
        var creationLock = ready?.Lock
            ?? await FileLock.AcquireAsync(parts.Paths.SessionLock(sessionId), parts.Time, cancellationToken).ConfigureAwait(false);
        try
        {
            if (kind == MountKind.TrustedOverlay)
            {
                StoreFormat.Raise(parts.Paths, StoreFormat.WithMarks);
            }
            var mounts = Register(sessionId, request, place.Network, kind);
            FaultPoint.Reach(FaultPoint.SandboxTaken);
            if (kind == MountKind.TrustedOverlay)
            {
                // After the mounts are registered, because they keep their layers.
                new TrustedLayers(parts.Paths).Ensure(mounts.SelectMany(m => LayerStack.Parse(m.Stack)), cancellationToken);
            }
            // The caller's token is valid only for the call; work after the call has none.
            var start = StartAsync(
                new Creation(sessionId, request, place.Image, place.Network, mounts, verdict) { Ready = ready?.Handle }, creationLock, request.NoWait ? CancellationToken.None : cancellationToken);
            if (!request.NoWait)
            {
                await start.ConfigureAwait(false);
            }
        }
        catch
        {
            if (ready is not null)
            {
                await prepared.EndAsync(ready).ConfigureAwait(false);
                throw;
            }
            creationLock.Dispose();
            // The id is not known to clients, so no process waits for the lock.
            File.Delete(parts.Paths.SessionLock(sessionId));
            throw;
        }
        return reader.ToSession(reader.Require(sessionId));
    }

    /// <summary>Creates the sandbox of a registered fork.</summary>
    /// <param name="row">The fork.</param>
    /// <param name="image">Its image.</param>
    /// <param name="mounts">Its mounts.</param>
    /// <param name="fork">The files of the copied session.</param>
    /// <param name="creationLock">The fork's lock; owned by this call.</param>
    /// <param name="cancellationToken">Cancels.</param>
    internal async Task<AgbSession> CreateForkAsync(
        SessionRow row, AgbImage image, List<MountRow> mounts, ForkSource fork, FileLock creationLock, CancellationToken cancellationToken)
    {
        var verdict = await HostProbe.GetAsync(parts.Paths.Home, fresh: false, cancellationToken).ConfigureAwait(false);
        var request = new AgbSessionRequest { ImageId = row.ImageId, MaxLifetime = row.ExpiresAt - row.CreatedAt, Limits = row.Limits };
        await StartAsync(new Creation(row.Id, request, image, row.Network, mounts, verdict) { Fork = fork }, creationLock, cancellationToken).ConfigureAwait(false);
        return reader.ToSession(reader.Require(row.Id));
    }

    private void RequireMode(AgbContextSync sync)
    {
        using var head = Snapshot.Open(parts.Paths, parts.Catalog, sync.ContextId);
        var origins = parts.Catalog.Read(tx => OriginTable.OfContext(tx, sync.ContextId));
        UploadModes.Require(origins, head.Context.Name, new EffectivePolicy(sync.Policy, sync.Path), head);
    }

    private List<MountRow> Register(string sessionId, AgbSessionRequest request, AgbNetwork network, MountKind kind) => parts.Catalog.WriteLazily(tx =>
    {
        var now = parts.Time.GetUtcNow();
        SessionTable.Insert(
            tx,
            new SessionRow
            {
                Id = sessionId,
                ImageId = request.ImageId,
                Status = AgbSessionStatus.Creating,
                Network = network,
                CreatedAt = now,
                ExpiresAt = now + request.MaxLifetime,
                IdleTimeout = request.IdleTimeout,
                IdleAction = request.IdleAction,
                Owner = ProcessOwner.Current,
                Limits = request.Limits,
            },
            request.Labels);
        var mounts = new List<MountRow>();
        foreach (var sync in request.ContextSyncs)
        {
            var context = ContextOperations.Require(tx, sync.ContextId);
            var rules = new EffectivePolicy(sync.Policy, sync.Path);
            var mount = new MountRow
            {
                SessionId = sessionId,
                Name = $"m{mounts.Count}",
                ContextId = context.Id,
                Path = sync.Path,
                Policy = sync.Policy,
                Kind = kind,
                // Without automatic download the mount starts empty; the stored files stay stored.
                Stack = rules.DownloadsAtStart ? VersionTable.HeadStack(tx, context) : "",
                Seen = rules.DownloadsAtStart || context.Head == 0 ? context.Head : null,
                Version = rules.DownloadsAtStart ? context.Head : null,
            };
            MountTable.Insert(tx, mount);
            ContextTable.Touch(tx, context.Id, now);
            if (rules.DownloadsAtStart)
            {
                tasks.Register(tx, mount, AgbSyncTaskType.Download);
            }
            mounts.Add(mount);
        }
        return mounts;
    });

    /// <summary>Creates the sandbox. Owns the lock. On failure, a session with a waiting caller leaves no trace; any other
    /// becomes Failed with the reason.</summary>
    private async Task StartAsync(Creation creation, FileLock creationLock, CancellationToken cancellationToken)
    {
        var (sessionId, request, image, network, mounts, verdict) = creation;
        await Task.Yield();
        using (creationLock)
        {
            try
            {
                var warnings = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
                var sandboxMounts = PrepareFiles(creation, warnings, cancellationToken);
                if (parts.Options.HoldUntilClaimed && !request.NoWait)
                {
                    claims.Begin(sessionId);
                }
                var isHomeCovered = SessionHome.IsCovered(image, mounts.Select(m => m.Path));
                var fork = creation.Fork;
                var handle = creation.Ready is { } ready ? Attach(ready, creation, sandboxMounts) : await parts.Driver.StartAsync(
                    new SandboxSpec
                    {
                        SessionId = sessionId,
                        SessionDirectory = parts.Paths.Session(sessionId),
                        AgbHome = parts.Paths.Home,
                        Image = SessionHome.In(image, isHomeCovered),
                        Network = network,
                        Mounts = sandboxMounts,
                        UseOverlay = verdict.OverlayError is null,
                        MaxLifetime = request.MaxLifetime,
                        Limits = request.Limits,
                        Forks = fork?.Directories ?? new Dictionary<string, IReadOnlyList<string>>(),
                    },
                    cancellationToken).ConfigureAwait(false);
                fork?.FillStarted(handle, verdict.OverlayError is null, cancellationToken);
                if (creation.Ready is null)
                {
                    await DesktopStart.RunAsync(parts.Driver, handle, SessionHome.In(image, isHomeCovered), cancellationToken).ConfigureAwait(false);
                }
                parts.Catalog.WriteLazily(tx =>
                {
                    SessionTable.SetRunning(tx, sessionId, (handle with { IsHomeCovered = isHomeCovered }).ToJson());
                    foreach (var mount in mounts.Where(m => m.Rules.DownloadsAtStart))
                    {
                        tasks.Finish(tx, mount, AgbSyncTaskType.Download, new UploadResult(mount.Seen, 0, 0, []) { Warnings = warnings[mount.Name] });
                    }
                });
            }
            catch (Exception e)
            {
                await UndoAsync(creation, e).ConfigureAwait(false);
                if (!request.NoWait)
                {
                    throw;
                }
            }
        }
    }

    private List<SandboxMount> PrepareFiles(
        Creation creation, Dictionary<string, IReadOnlyList<string>> warnings, CancellationToken cancellationToken)
    {
        if (creation.Ready is null)
        {
            using var sessions = Fd.OpenDirectory(parts.Paths.Sessions);
            // Search permission for the sandbox's user, read permission only for the owner.
            sessions.MkdirAt(creation.SessionId, FileModes.PassThrough);
        }
        activity.Begin(creation.SessionId);
        var mayKeepLinks = creation.Verdict.LinksError is null;
        var made = new List<SandboxMount>();
        foreach (var mount in creation.Mounts)
        {
            warnings[mount.Name] = parts.PolicyLayers.Prepare(mount, cancellationToken);
            var method = parts.MountOf(mount.Kind);
            var ready = creation.Fork?.Prepare(mount, method, cancellationToken) ?? method.Prepare(mount, cancellationToken);
            made.Add(ready with
            {
                IsReadOnly = mount.IsReadOnly,
                KeepsLinks = mayKeepLinks && ready.Marks == OverlayMarks.Trusted
                    && parts.Catalog.Read(tx => VersionTable.MayHaveLinks(tx, mount.Stack)) is var links && (creation.Fork?.KeepsLinks(mount, links) ?? links),
            });
        }
        return made;
    }

    /// <summary>Gives a sandbox that stands ready its mounts and its lifetime.</summary>
    private SandboxHandle Attach(SandboxHandle ready, Creation creation, IReadOnlyList<SandboxMount> mounts)
    {
        var directory = parts.Paths.Session(creation.SessionId);
        try
        {
            parts.Driver.SetLifetime(ready, creation.Request.MaxLifetime);
        }
        catch (IOException)
        {
            ready.RequireAlive();
            throw;
        }
        parts.Driver.Mounts.Attach(ready, directory, [.. mounts.OrderBy(m => m.Target, StringComparer.Ordinal)]);
        return ready;
    }

    private async Task UndoAsync(Creation creation, Exception cause)
    {
        var sessionId = creation.SessionId;
        claims.Claim(sessionId);
        await parts.Driver.CleanUpAsync(parts.Paths.Session(sessionId), CancellationToken.None).ConfigureAwait(false);
        TreeRemover.Remove(parts.Paths.Session(sessionId));
        parts.Catalog.WriteLazily(tx =>
        {
            if (creation.Request.NoWait)
            {
                SessionTable.SetStatus(tx, sessionId, AgbSessionStatus.Failed, cause.Message);
                foreach (var mount in creation.Mounts)
                {
                    tasks.Fail(tx, mount, AgbSyncTaskType.Download, cause);
                }
            }
            else
            {
                SessionTable.Delete(tx, sessionId);
            }
        });
    }

    /// <summary>A registered session without a sandbox yet.</summary>
    private sealed record Creation(
        string SessionId, AgbSessionRequest Request, AgbImage Image, AgbNetwork Network, List<MountRow> Mounts, HostVerdict Verdict)
    {
        /// <summary>The files of the copied session, for a fork.</summary>
        public ForkSource? Fork { get; init; }

        /// <summary>The sandbox that stands ready for it, or null.</summary>
        internal SandboxHandle? Ready { get; init; }
    }
}
