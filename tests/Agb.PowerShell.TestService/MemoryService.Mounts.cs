using System.Collections.Concurrent;

namespace Agb.PowerShell.TestService;

/// <content>Mounts into running sessions.</content>
public sealed partial class MemoryService : ISessionMountService
{
    private readonly ConcurrentDictionary<(string Session, string Path), AgbMount> _mounted = new();

    /// <inheritdoc/>
    public Task<AgbMount> MountContextAsync(SessionId sessionId, AgbMountRequest request, CancellationToken cancellationToken = default)
    {
        var session = Find(sessionId);
        var (sync, below) = (request.Sync, request.SubPath is null ? "" : "/" + request.SubPath);
        Calls.Enqueue($"MountContext {sessionId} {sync.ContextId} {sync.Path} {request.Version} {request.IsReadOnly} {request.SubPath}".TrimEnd());
        var mount = new AgbMount
        {
            Service = this,
            SessionId = sessionId,
            ContextId = sync.ContextId,
            Path = sync.Path,
            OriginPath = sync.OriginPath + below,
            Version = request.Version ?? 1,
            IsReadOnly = request.IsReadOnly,
            Policy = sync.Policy,
        };
        _mounted[(sessionId, sync.Path)] = mount;
        _sessions[sessionId] = session with { ContextSyncs = [.. session.ContextSyncs, sync] };
        return Task.FromResult(mount);
    }

    /// <inheritdoc/>
    public Task<AgbMount> DismountContextAsync(SessionId sessionId, AgbMountChange request, CancellationToken cancellationToken = default)
    {
        var session = Find(sessionId);
        Calls.Enqueue($"DismountContext {sessionId} {request.Path} {request.ContextId} {request.Changes} {request.Force}");
        var mount = Meant(sessionId, request);
        _mounted.TryRemove((sessionId, mount.Path), out _);
        _sessions[sessionId] = session with { ContextSyncs = [.. session.ContextSyncs.Where(s => s.Path != mount.Path)] };
        return Task.FromResult(mount);
    }

    /// <inheritdoc/>
    public Task<AgbMount> SwitchContextAsync(SessionId sessionId, AgbMountChange request, CancellationToken cancellationToken = default)
    {
        Find(sessionId);
        Calls.Enqueue($"SwitchContext {sessionId} {request.Path} {request.ContextId} {request.Changes} {request.Force} {request.Version}".TrimEnd());
        var mount = Meant(sessionId, request) with { Version = request.Version ?? 2 };
        return Task.FromResult(_mounted[(sessionId, mount.Path)] = mount);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<AgbMount>> ListMountsAsync(SessionId sessionId, CancellationToken cancellationToken = default)
    {
        Find(sessionId);
        return Task.FromResult<IReadOnlyList<AgbMount>>([.. _mounted.Values.Where(m => m.SessionId == sessionId).OrderBy(m => m.Path, StringComparer.Ordinal)]);
    }

    private AgbMount Meant(SessionId sessionId, AgbMountChange request) =>
        _mounted.Values.FirstOrDefault(m => m.SessionId == sessionId && (request.Path is null || m.Path == request.Path) && (request.ContextId is null || m.ContextId == request.ContextId))
        ?? throw new AgbException(AgbErrorIds.SyncTargetNotFound, AgbErrorKind.NotFound, $"The session '{sessionId}' has no such mount.");
}
