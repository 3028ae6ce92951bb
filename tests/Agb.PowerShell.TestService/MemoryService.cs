using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Agb.PowerShell.TestService;

/// <summary>A service that keeps contexts and sessions in memory and runs no process. What a command does is its first
/// word: <c>hang</c> ends only when cancelled, <c>stubborn</c> not even then, <c>exit N</c>, <c>throw</c>,
/// <c>gate</c> waits for <see cref="Gate"/>, <c>lines N</c> writes so many lines; any other command is echoed.</summary>
public sealed partial class MemoryService : IAgbService, ISessionSleepService, ISessionForkService
{
    private readonly ConcurrentDictionary<string, AgbContext> _contexts = new();
    private readonly ConcurrentDictionary<string, AgbSession> _sessions = new();
    private readonly ConcurrentDictionary<string, string[]> _paths = new();
    private readonly MemoryLines _lines = new();
    private int _number;
    private int _commandsAtOnce;
    private int _mostCommandsAtOnce;
    private int _cancelled;

    /// <inheritdoc/>
    public string Name => "memory";

    /// <summary>What was called, in order: for assertions.</summary>
    public ConcurrentQueue<string> Calls { get; } = new();

    /// <summary>How many commands were cancelled.</summary>
    public int Cancelled => _cancelled;

    /// <summary>The most commands that ran at the same time.</summary>
    public int MostCommandsAtOnce => _mostCommandsAtOnce;

    /// <summary>What commands named <c>gate</c> wait for.</summary>
    public SemaphoreSlim Gate { get; } = new(0);

    /// <summary>Released once for each command that has started.</summary>
    public SemaphoreSlim Started { get; } = new(0);

    /// <summary>How many lines commands have written.</summary>
    public int LinesWritten => _lines.Written;

    /// <summary>When set, syncs go on until it is released, and have moved so much.</summary>
    public SemaphoreSlim? SyncGate { get; set; }

    /// <summary>The status that the tasks of a sync end with.</summary>
    public AgbSyncTaskStatus SyncOutcome { get; set; } = AgbSyncTaskStatus.Success;

    /// <summary>How many times as much as they have moved the syncs are going to move; null when they don't know.</summary>
    public int? SyncTotal { get; set; }

    /// <summary>The status that sessions are created with.</summary>
    public AgbSessionStatus NewSessionStatus { get; set; } = AgbSessionStatus.Running;

    /// <summary>Sets the paths under which a context has data.</summary>
    public void SetPaths(ContextId contextId, params string[] paths) => _paths[contextId] = paths;

    /// <inheritdoc/>
    public Task<AgbContext> CreateContextAsync(string name, bool getExisting = false, CancellationToken cancellationToken = default)
    {
        name = RequestRules.ContextName(name);
        Calls.Enqueue($"CreateContext {name}");
        if (_contexts.Values.FirstOrDefault(c => c.Name == name) is { } existing)
        {
            return getExisting ? Task.FromResult(existing) : throw AgbErrors.ContextAlreadyExists(name);
        }
        var context = new AgbContext
        {
            Id = $"SdkCtx-{Interlocked.Increment(ref _number):d4}",
            Name = name,
            CreatedAt = TimeProvider.System.GetUtcNow(),
            LastUsedAt = TimeProvider.System.GetUtcNow(),
            Service = this,
        };
        _contexts[context.Id] = context;
        return Task.FromResult(context);
    }

    /// <inheritdoc/>
    public Task<AgbContext> GetContextAsync(ContextId contextId, CancellationToken cancellationToken = default)
    {
        Calls.Enqueue($"GetContext {contextId}");
        return Task.FromResult(_contexts.GetValueOrDefault(contextId) ?? throw AgbErrors.ContextNotFound(contextId));
    }

    /// <inheritdoc/>
    public Task<AgbContext> FindContextAsync(string idOrName, CancellationToken cancellationToken = default)
    {
        Calls.Enqueue($"FindContext {idOrName}");
        return Task.FromResult(
            _contexts.TryGetValue(idOrName, out var context) ? context
            : _contexts.Values.FirstOrDefault(c => c.Name == idOrName) ?? throw AgbErrors.ContextNotFound(idOrName));
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<AgbContext> ListContextsAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.Yield();
        foreach (var context in _contexts.Values.OrderBy(c => c.Name, StringComparer.Ordinal))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return context;
        }
    }

    /// <inheritdoc/>
    public Task RemoveContextAsync(ContextId contextId, CancellationToken cancellationToken = default)
    {
        Calls.Enqueue($"RemoveContext {contextId}");
        return _contexts.TryRemove(contextId, out _) ? Task.CompletedTask : throw AgbErrors.ContextNotFound(contextId);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> GetContextPathsAsync(ContextId contextId, CancellationToken cancellationToken = default) =>
        Task.FromResult<IReadOnlyList<string>>(_paths.GetValueOrDefault(contextId, []));

    /// <inheritdoc/>
    public async Task<AgbContextFile> FindContextFileAsync(string idOrName, string path, CancellationToken cancellationToken = default) =>
        await GetContextFileAsync(await FindContextAsync(idOrName, cancellationToken), path, null, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<AgbCapabilities> GetCapabilitiesAsync(CancellationToken cancellationToken = default) =>
        new(AgbCapabilities.All & ~(AgbCapabilities.ReleasedSessions | AgbCapabilities.Terminals));

    /// <inheritdoc/>
    public IAsyncEnumerable<AgbSession> ListReleasedSessionsAsync(CancellationToken cancellationToken = default) =>
        throw AgbErrors.NotSupported(Name, "listing released sessions");

    /// <inheritdoc/>
    public Task<Uri> GetSessionLinkAsync(
        SessionId sessionId, int port, string? scheme = null, CancellationToken cancellationToken = default) =>
        throw AgbErrors.NotSupported(Name, "links into sessions");

    /// <inheritdoc/>
    public Task<IReadOnlyList<AgbImage>> ListImagesAsync(CancellationToken cancellationToken = default) =>
        Task.FromResult<IReadOnlyList<AgbImage>>(
        [
            new AgbImage { ImageId = "agb-browser-use-1", HomeDirectory = "/home/browser", Description = "A browser" },
            new AgbImage { ImageId = "agb-code-space-1", HomeDirectory = "/home/code", Description = "Code" },
        ]);

    /// <inheritdoc/>
    public async Task<AgbSession> CreateSessionAsync(AgbSessionRequest request, CancellationToken cancellationToken = default)
    {
        request = RequestRules.Session(request);
        Calls.Enqueue($"CreateSession {request.ImageId}");
        var images = await ListImagesAsync(cancellationToken);
        if (images.All(i => i.ImageId != request.ImageId))
        {
            throw AgbErrors.ImageNotFound(request.ImageId, images.Select(i => i.ImageId));
        }
        var mounts = new List<AgbContextSync>();
        foreach (var sync in request.ContextSyncs)
        {
            var id = _contexts.Values.FirstOrDefault(c => c.Name == sync.ContextId)?.Id ?? sync.ContextId;
            await GetContextAsync(new ContextId(id), cancellationToken);
            mounts.Add(sync with { ContextId = id });
        }
        var session = new AgbSession
        {
            SessionId = $"session-{Interlocked.Increment(ref _number):d4}",
            ImageId = request.ImageId,
            Status = NewSessionStatus,
            Labels = request.Labels,
            ContextSyncs = mounts,
            CreatedAt = TimeProvider.System.GetUtcNow(),
            IdleTimeout = request.IdleTimeout,
            IdleAction = request.IdleAction,
            Network = request.Network ?? AgbNetwork.Host,
            Limits = request.Limits,
            LimitStates = LimitStates(request.Limits),
            Service = this,
        };
        _sessions[session.SessionId] = session;
        return session;
    }

    // A service that holds memory limits and no CPU limits.
    private static IReadOnlyList<AgbLimitState> LimitStates(AgbSessionLimits limits) =>
    [
        .. limits.MemoryBytes is { } memory
            ? [new AgbLimitState { Limit = AgbLimitKind.Memory, Value = memory, Mechanism = AgbLimitMechanism.CgroupV2, Detail = "All." }]
            : Array.Empty<AgbLimitState>(),
        .. limits.Cpus is { } cpus
            ? [new AgbLimitState { Limit = AgbLimitKind.Cpus, Value = cpus, Mechanism = AgbLimitMechanism.None, Detail = "No groups here." }]
            : Array.Empty<AgbLimitState>(),
    ];

    /// <inheritdoc/>
    public Task<AgbSession> GetSessionAsync(SessionId sessionId, CancellationToken cancellationToken = default) =>
        Task.FromResult(Find(sessionId));

    /// <inheritdoc/>
    public async IAsyncEnumerable<AgbSession> ListSessionsAsync(
        IReadOnlyDictionary<string, string>? labels = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.Yield();
        foreach (var session in _sessions.Values.OrderBy(s => s.SessionId, StringComparer.Ordinal))
        {
            if ((labels ?? new Dictionary<string, string>()).All(l => session.Labels.TryGetValue(l.Key, out var v) && v == l.Value))
            {
                yield return session;
            }
        }
    }

    /// <inheritdoc/>
    public Task<AgbSession> WaitSessionAsync(SessionId sessionId, TimeSpan timeout, CancellationToken cancellationToken = default) =>
        Find(sessionId) is { Status: AgbSessionStatus.Creating } session
            ? throw new AgbException(AgbErrorIds.WaitTimeout, AgbErrorKind.Timeout, $"The session '{session}' is still being created.")
            : GetSessionAsync(sessionId, cancellationToken);

    /// <inheritdoc/>
    public Task RemoveSessionAsync(
        SessionId sessionId, AgbReleaseMode mode = AgbReleaseMode.Policy, CancellationToken cancellationToken = default)
    {
        Calls.Enqueue($"RemoveSession {sessionId} {mode}");
        return _sessions.TryRemove(sessionId, out _) ? Task.CompletedTask : throw AgbErrors.SessionNotFound(sessionId);
    }

    /// <inheritdoc/>
    public async Task<AgbCommandResult> RunCommandAsync(
        SessionId sessionId, AgbCommandRequest request, CancellationToken cancellationToken = default)
    {
        request = RequestRules.Command(request);
        var session = Find(sessionId);
        Calls.Enqueue($"RunCommand {sessionId}");
        var now = Interlocked.Increment(ref _commandsAtOnce);
        lock (_paths)
        {
            _mostCommandsAtOnce = Math.Max(_mostCommandsAtOnce, now);
        }
        Started.Release();
        try
        {
            var words = request.Command.Split(' ');
            switch (words[0])
            {
                case "hang":
                    await Task.Delay(Timeout.Infinite, cancellationToken);
                    break;
                case "stubborn":
                    await Gate.WaitAsync(CancellationToken.None);
                    break;
                case "gate":
                    await Gate.WaitAsync(cancellationToken);
                    break;
                case "lines" when request.Lines is not null:
                    for (var i = 1; i <= int.Parse(words[1]); i++)
                    {
                        await _lines.WriteAsync(request, session, i, $"line {i}", cancellationToken);
                    }
                    break;
                case "throw":
                    throw new InvalidDataException("outer", new IOException("the inner cause"));
            }
            if (words[0] != "lines")
            {
                await _lines.WriteAsync(request, session, 1, request.Command, cancellationToken);
            }
            var exitCode = words[0] == "exit" ? int.Parse(words[1]) : 0;
            return new AgbCommandResult
            {
                SessionId = session.SessionId,
                Command = request.Command,
                ExitCode = exitCode,
                Duration = TimeSpan.FromMilliseconds(3),
                Service = this,
            }.WithOutput(System.Text.Encoding.UTF8.GetBytes(request.Command + "\n"), []);
        }
        catch (OperationCanceledException)
        {
            Interlocked.Increment(ref _cancelled);
            throw;
        }
        finally
        {
            Interlocked.Decrement(ref _commandsAtOnce);
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<AgbSyncStatus>> StartSyncAsync(
        SessionId sessionId, AgbSyncRequest request, CancellationToken cancellationToken = default)
    {
        Calls.Enqueue($"StartSync {sessionId} {request.Mode} {request.ContextId} {request.Path} {request.MaxDeletePercent} {request.Force}".TrimEnd());
        return Task.FromResult(Tasks(Find(sessionId), request.ContextId, request.Path, request.Mode, AgbSyncTaskStatus.Running));
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<AgbSyncStatus>> GetSyncStatusAsync(
        SessionId sessionId, ContextId? contextId = null, string? path = null, AgbSyncTaskType? taskType = null,
        CancellationToken cancellationToken = default) =>
        Task.FromResult(Tasks(Find(sessionId), contextId, path, taskType, SyncGate is null ? SyncOutcome : AgbSyncTaskStatus.Running));

    /// <inheritdoc/>
    public async Task<IReadOnlyList<AgbSyncStatus>> WaitSyncAsync(
        SessionId sessionId, TimeSpan timeout, ContextId? contextId = null, string? path = null,
        CancellationToken cancellationToken = default)
    {
        if (SyncGate is { } gate)
        {
            await gate.WaitAsync(cancellationToken);
        }
        return SyncOutcome == AgbSyncTaskStatus.Running
            ? throw new AgbException(AgbErrorIds.WaitTimeout, AgbErrorKind.Timeout, $"The sync of '{sessionId}' goes on.")
            : Tasks(Find(sessionId), contextId, path, null, SyncOutcome);
    }

    private AgbSession Find(SessionId sessionId) =>
        _sessions.TryGetValue(sessionId, out var session) ? session : throw AgbErrors.SessionNotFound(sessionId);

    private IReadOnlyList<AgbSyncStatus> Tasks(
        AgbSession session, string? contextId, string? path, AgbSyncTaskType? type, AgbSyncTaskStatus status) =>
        [.. from sync in session.ContextSyncs
            where (contextId is null || sync.ContextId == contextId) && (path is null || sync.Path == path)
            from direction in Enum.GetValues<AgbSyncTaskType>()
            where type is null || type == direction
            select new AgbSyncStatus
            {
                SessionId = session.SessionId,
                ContextId = sync.ContextId,
                Path = sync.Path,
                TaskType = direction,
                Status = status,
                StartTime = session.CreatedAt,
                FinishTime = status == AgbSyncTaskStatus.Running ? null : session.CreatedAt,
                Files = 2,
                Bytes = 2048,
                TotalFiles = 2 * SyncTotal,
                TotalBytes = 2048 * SyncTotal,
                ErrorMessage = status == AgbSyncTaskStatus.Failed ? "the disk is on strike" : null,
                Service = this,
            }];
}
