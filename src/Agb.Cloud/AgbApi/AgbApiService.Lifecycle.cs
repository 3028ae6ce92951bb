namespace Agb.Cloud;

/// <content>Creation and release of sessions.</content>
internal sealed partial class AgbApiService
{
    public async Task<AgbSession> CreateSessionAsync(AgbSessionRequest request, CancellationToken cancellationToken = default)
    {
        if (request.Network is not null and not AgbNetwork.Host)
        {
            throw NotSupported("the choice of a session's network");
        }
        if (request.MaxLifetime is not null)
        {
            throw NotSupported("a maximum lifetime of sessions");
        }
        if (request.Limits != AgbSessionLimits.None)
        {
            throw NotSupported("limits of sessions");
        }
        if (request.IdleAction != AgbIdleAction.Release)
        {
            throw NotSupported("suspended sessions");
        }
        var sessionId = await CreateAsync(request, cancellationToken).ConfigureAwait(false);
        if (request.ContextSyncs.Count > 0 && !request.NoWait)
        {
            await WaitForDataAsync(sessionId, cancellationToken).ConfigureAwait(false);
        }
        return _sessions.ToSession(
            sessionId, request.NoWait && request.ContextSyncs.Count > 0 ? AgbSessionStatus.Creating : AgbSessionStatus.Running, request.Labels);
    }

    public async Task RemoveSessionAsync(
        SessionId sessionId, AgbReleaseMode mode = AgbReleaseMode.Policy, CancellationToken cancellationToken = default)
    {
        if (mode == AgbReleaseMode.Discard && _sessions.Known.Find(sessionId).ContextSyncs is var syncs && (syncs is null || syncs.Any(s => s.Policy.Upload.AutoUpload)))
        {
            throw NotSupported($"the release of a session without its changes (the session '{sessionId}' may upload by itself)");
        }
        if (mode == AgbReleaseMode.Upload)
        {
            await UploadAsync(sessionId, cancellationToken).ConfigureAwait(false);
        }
        await _sessions.CallAsync(AgbRoutes.ReleaseSessionAsync, sessionId, Repeat.WhenTurnedAway, cancellationToken).ConfigureAwait(false);
        await AdaptivePoll.UntilAsync(
            _api.Time,
            token => _sessions.StatusAsync(sessionId, token),
            status => status == AgbSessionStatus.Released,
            _api.Options.MaxWait,
            () => CloudErrors.WaitOver(
                $"The release of the session '{sessionId}'", _api.Options.MaxWait, AgbAdvice.WatchSession, sessionId),
            cancellationToken).ConfigureAwait(false);
        _sessions.Known.Forget(sessionId);
    }

    private async Task<SessionId> CreateAsync(AgbSessionRequest request, CancellationToken cancellationToken)
    {
        var body = new CreateSessionBody
        {
            Labels = request.Labels.Count == 0 ? null : TextMap.Write(request.Labels),
            Timeout = request.IdleTimeout is { } idle ? Math.Ceiling(idle.TotalSeconds) : null,
            PersistenceDataList = request.ContextSyncs.Count == 0 ? null : [.. request.ContextSyncs.Select(ContextSyncWire.From)],
        };
        var path = AgbRoutes.CreateSession + ApiCall.Query(("imageId", request.ImageId));
        var reply = await _api.AskAsync(
            ApiCall.Post(path, body, WireJson.Default.CreateSessionBody, Repeat.WhenTurnedAway), cancellationToken).ConfigureAwait(false);
        var data = new SessionReader(reply.Envelope.Data ?? default(JsonElement));
        // Success of this call is in its data; the envelope and the HTTP status do not count.
        if (data.IsFailure || data.SessionId is not { Length: > 0 } sessionId)
        {
            var reason = data.Reason is { Length: > 0 } said ? said : reply.Envelope.Message;
            throw CloudErrors.Refused(reply with { Envelope = reply.Envelope with { Message = _api.Secrets.HideInMessage(reason) } });
        }
        _sessions.Known.Learn(sessionId, _ => new KnownSession
        {
            ImageId = request.ImageId,
            ContextSyncs = request.ContextSyncs,
            CreatedAt = _api.Time.GetUtcNow(),
            IdleTimeout = request.IdleTimeout,
            Route = data.Route,
        });
        return new SessionId(sessionId);
    }

    // An upload after a partial download could delete the missing files, so a failed download is an error here.
    private async Task WaitForDataAsync(SessionId sessionId, CancellationToken cancellationToken)
    {
        var tasks = await _syncs.WaitAsync(sessionId, _api.Options.MaxWait, null, null, cancellationToken).ConfigureAwait(false);
        if (tasks.FirstOrDefault(t => t is { TaskType: AgbSyncTaskType.Download, Status: AgbSyncTaskStatus.Failed }) is { } failed)
        {
            throw new AgbException(
                AgbErrorIds.SyncFailed, AgbErrorKind.Failed,
                $"The session '{sessionId}' runs, but the data of the context '{failed.ContextId}' did not arrive at '{failed.Path}': {failed.ErrorMessage ?? "the service gave no reason"}",
                target: sessionId) { Advice = AgbAdvice.DownloadAgain };
        }
    }

    private async Task UploadAsync(SessionId sessionId, CancellationToken cancellationToken)
    {
        await _syncs.StartAsync(sessionId, new AgbSyncRequest(), cancellationToken).ConfigureAwait(false);
        var tasks = await _syncs.WaitAsync(sessionId, _api.Options.MaxWait, null, null, cancellationToken).ConfigureAwait(false);
        if (tasks.FirstOrDefault(t => t is { TaskType: AgbSyncTaskType.Upload, Status: AgbSyncTaskStatus.Failed }) is { } failed)
        {
            throw new AgbException(
                AgbErrorIds.SyncFailed, AgbErrorKind.Failed,
                $"The session '{sessionId}' is not released, because the upload of '{failed.Path}' failed: {failed.ErrorMessage ?? "the service gave no reason"}",
                "Mend the cause and remove it again.", sessionId);
        }
    }
}
