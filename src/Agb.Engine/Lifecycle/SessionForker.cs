namespace Agb.Engine;

/// <summary>Makes forks of running sessions.</summary>
internal sealed class SessionForker(
    EngineParts parts, SessionReader reader, SessionActivity activity, SessionCreator creator, SessionReleaser releaser, StagingRecovery recovery)
{
    // Beyond that, sandboxes start no faster.
    private const int MostStarts = 4;

    private readonly SessionFreezer _freezer = new(parts);

    /// <summary>Makes forks.</summary>
    /// <param name="sessionId">The session, seen running by the caller.</param>
    /// <param name="count">The number of forks.</param>
    /// <param name="cancellationToken">Cancels.</param>
    internal async Task<IReadOnlyList<AgbSession>> ForkAsync(string sessionId, int count, CancellationToken cancellationToken)
    {
        await HostProbe.RequireReadyAsync(parts.Paths.Home, cancellationToken).ConfigureAwait(false);
        var verdict = await HostProbe.GetAsync(parts.Paths.Home, fresh: false, cancellationToken).ConfigureAwait(false);
        using var used = activity.Use(sessionId);
        using var making = await FileLock.AcquireAsync(parts.Paths.ForksLock, parts.Time, cancellationToken, shared: true).ConfigureAwait(false);
        var forks = new List<Fork>();
        ForkSource? source = null;
        AgbImage image;
        try
        {
            using (await FileLock.AcquireAsync(parts.Paths.SessionLock(sessionId), parts.Time, cancellationToken).ConfigureAwait(false))
            {
                SessionLocks.RemoveIfGone(parts.Paths, parts.Catalog, sessionId);
                var origin = reader.Require(sessionId);
                if (origin.Status != AgbSessionStatus.Running || origin.Handle() is not { } sandbox)
                {
                    throw SessionErrors.NotRunning(reader.ToSession(origin));
                }
                sandbox.RequireAlive();
                recovery.RecoverSession(sessionId);
                image = parts.Images.Get(origin.ImageId);
                (source, var stop) = await _freezer.FreezeAsync(sessionId, SessionHome.In(image, sandbox.IsHomeCovered), sandbox, verdict.OverlayError is null, cancellationToken).ConfigureAwait(false);
                parts.Log.SessionForked(sessionId, count, stop.TotalMilliseconds);
                await RegisterAsync(origin, source, count, forks, cancellationToken).ConfigureAwait(false);
            }
            FaultPoint.Reach(FaultPoint.ForkRegistered);
            return await StartAsync(sessionId, image, source, forks, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (source is not null && !parts.Catalog.Read(ForkTable.All).Exists(r => LayerStack.Parse(r.Layers).Contains(source.Id)))
            {
                TreeRemover.Remove(parts.Paths.Fork(source.Id));
            }
        }
    }

    /// <summary>Registers the forks in one transaction. Each one's lock is held before the catalog has it.</summary>
    private async Task RegisterAsync(SessionRow origin, ForkSource source, int count, List<Fork> forks, CancellationToken cancellationToken)
    {
        try
        {
            while (forks.Count < count)
            {
                var id = SessionLocks.IdPrefix + RandomId.New();
                forks.Add(new(id, await FileLock.AcquireAsync(parts.Paths.SessionLock(id), parts.Time, cancellationToken).ConfigureAwait(false)));
            }
            parts.Catalog.WriteLazily(tx =>
            {
                var now = parts.Time.GetUtcNow();
                var (labels, mounts) = (SessionTable.Labels(tx, origin.Id), MountTable.OfSession(tx, origin.Id));
                foreach (var fork in forks)
                {
                    Register(tx, fork.SessionId, origin, labels, mounts, now);
                    foreach (var (part, layers) in source.Layers)
                    {
                        ForkTable.Put(tx, fork.SessionId, part, layers);
                    }
                }
            });
        }
        catch
        {
            foreach (var fork in forks)
            {
                fork.Lock.Dispose();
                File.Delete(parts.Paths.SessionLock(fork.SessionId));
            }
            throw;
        }
    }

    private static void Register(
        CatalogTransaction tx, string id, SessionRow origin, IReadOnlyDictionary<string, string> labels, List<MountRow> mounts, DateTimeOffset now)
    {
        var fork = origin with
        {
            Id = id,
            Status = AgbSessionStatus.Creating,
            CreatedAt = now,
            // A new clock.
            ExpiresAt = now + (origin.ExpiresAt - origin.CreatedAt),
            Owner = ProcessOwner.Current,
            ForkedFrom = origin.Id,
        };
        SessionTable.Insert(tx, fork, labels);
        foreach (var mount in mounts)
        {
            MountTable.Insert(tx, mount with { SessionId = id, Step = null });
            ContextTable.Touch(tx, mount.ContextId, now);
        }
    }

    /// <summary>Starts the registered forks; after a failure none is left.</summary>
    private async Task<IReadOnlyList<AgbSession>> StartAsync(
        string sessionId, AgbImage image, ForkSource source, List<Fork> forks, CancellationToken cancellationToken)
    {
        using var places = new SemaphoreSlim(MostStarts);
        var starts = forks.ConvertAll(fork => Task.Run(
            async () =>
            {
                // The lock belongs to the creation, which removes what it made.
                await places.WaitAsync(CancellationToken.None).ConfigureAwait(false);
                try
                {
                    return await StartAsync(fork, image, source, cancellationToken).ConfigureAwait(false);
                }
                finally
                {
                    places.Release();
                }
            },
            CancellationToken.None));
        try
        {
            await Task.WhenAll(starts).ConfigureAwait(false);
        }
        catch
        {
            foreach (var start in starts.Where(s => s.IsCompletedSuccessfully))
            {
                await releaser.ReleaseAsync((await start.ConfigureAwait(false)).SessionId, AgbReleaseMode.Discard, CancellationToken.None).ConfigureAwait(false);
            }
            throw;
        }
        if (File.Exists(parts.Paths.Unwritten(sessionId)))
        {
            forks.ForEach(f => File.WriteAllBytes(parts.Paths.Unwritten(f.SessionId), []));
        }
        return [.. starts.Select(s => s.Result)];
    }

    private Task<AgbSession> StartAsync(Fork fork, AgbImage image, ForkSource source, CancellationToken cancellationToken)
    {
        var (row, mounts) = parts.Catalog.Read(tx => (SessionTable.Find(tx, fork.SessionId)!, MountTable.OfSession(tx, fork.SessionId)));
        return creator.CreateForkAsync(row, image, mounts, source, fork.Lock, cancellationToken);
    }

    /// <summary>A registered fork.</summary>
    /// <param name="SessionId">Its id.</param>
    /// <param name="Lock">Its lock, held since before its registration.</param>
    private sealed record Fork(string SessionId, FileLock Lock);
}
