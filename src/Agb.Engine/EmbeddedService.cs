using System.Runtime.CompilerServices;

namespace Agb.Engine;

/// <summary>The AGB service on this machine: sandboxes and a versioned store below one directory, used by any number of
/// processes at once.</summary>
public sealed partial class EmbeddedService : IAgbService, ITerminalService, ISessionPortService, ISessionClaimService, IBrowserService, IDesktopService,
    IDesktopViewService, ISessionSleepService, ISessionMountService, ISessionForkService, IDisposable
{
    private readonly EngineParts _parts;
    private readonly ContextOperations _contexts;
    private readonly SessionReader _reader;
    private readonly SessionCreator _creator;
    private readonly SessionReleaser _releaser;
    private readonly SessionForker _forker;
    private readonly SessionSuspender _suspender;
    private readonly SessionSweeper _sweeper;
    private readonly CommandOperations _commands;
    private readonly CodeOperations _code;
    private readonly SyncOperations _syncs;
    private readonly Housekeeping _housekeeping;
    private readonly SessionClaims _claims;
    private readonly BrowserOperations _browsers;
    private readonly DesktopOperations _desktops;
    private readonly DesktopView _views;
    private readonly SessionMounts _mounts;
    private readonly PreparedSandboxes _prepared;

    private EmbeddedService(EmbeddedOptions options, string home, ISandboxDriver? driver)
    {
        _parts = new EngineParts(options, home, this, driver);
        var sleep = new SessionSleep(_parts);
        var activity = new SessionActivity(_parts.Paths, _parts.Time, sleep.WakeAsync);
        var tasks = new SyncTasks(_parts);
        _claims = new SessionClaims(_parts.Paths);
        var comings = new MountRecovery(_parts.Paths, _parts.Catalog, _parts.Driver.Mounts);
        var recovery = new StagingRecovery(_parts.Paths, _parts.Catalog, _parts.MountOf, comings);
        _contexts = new ContextOperations(_parts);
        _reader = new SessionReader(_parts);
        _prepared = new PreparedSandboxes(_parts);
        _creator = new SessionCreator(_parts, _reader, activity, tasks, _claims, _prepared);
        var records = new BrowserRecords(_parts.Paths, _parts.Time);
        var closer = new BrowserCloser(_parts, records);
        _syncs = new SyncOperations(_parts, _reader, activity, tasks, recovery, records);
        _releaser = new SessionReleaser(_parts, _reader, sleep, _syncs, recovery, closer);
        _suspender = new SessionSuspender(_parts, _reader, activity, sleep);
        _forker = new SessionForker(_parts, _reader, activity, _creator, _releaser, recovery);
        _sweeper = new SessionSweeper(_parts, _reader, activity, _claims);
        _housekeeping = new Housekeeping(_parts, _sweeper, _releaser, _suspender, recovery);
        _parts.Maintenance.CollectLater = _housekeeping.Collect;
        _parts.Maintenance.SettleLater = _housekeeping.SettleLater;
        _commands = new CommandOperations(_parts, _reader, _sweeper, _housekeeping.Release, activity);
        _mounts = new SessionMounts(_parts, _reader, activity, (tasks, _syncs), (recovery, comings), _commands.RequireRunningAsync);
        _code = new CodeOperations(_parts, _commands);
        var desktops = new DesktopRunner(_parts, _reader, (id, request, token) => _commands.RunAsync(id, request, output: null, token));
        _desktops = new DesktopOperations(_parts, desktops);
        _views = new DesktopView(desktops, _commands.ConnectAsync);
        _browsers = new BrowserOperations(_parts, _reader, activity, (records, closer), _commands.RequireRunningAsync);
    }

    /// <summary>Opens the service, creating its directory if need be.</summary>
    /// <param name="options">The settings; null for the defaults.</param>
    /// <exception cref="AgbException">StoreFormatTooNew, StoreCorrupt, NoSpace, AccessDenied, InvalidSessionOption.</exception>
    public static EmbeddedService Open(EmbeddedOptions? options = null) => Open(options ?? new EmbeddedOptions(), driver: null);

    internal static EmbeddedService Open(EmbeddedOptions options, ISandboxDriver? driver)
    {
        ChildSignal.BeDefault();
        LimitRules.Limits(options.DefaultLimits);
        return new(options with { MountKind = MountSetting.Resolve(options.MountKind) }, ResolveHome(options), driver);
    }

    /// <summary>The absolute home directory: from the options, else <c>AGB_HOME</c>, else <c>agb</c> below
    /// <c>XDG_DATA_HOME</c> (XDG Base Directory Specification), else below <c>~/.local/share</c>.</summary>
    public static string ResolveHome(EmbeddedOptions options)
    {
        var given = options.HomeDirectory is { Length: > 0 } directory ? directory : Environment.GetEnvironmentVariable("AGB_HOME");
        if (given is { Length: > 0 })
        {
            return Path.GetFullPath(given).TrimEnd('/');
        }
        var data = Environment.GetEnvironmentVariable("XDG_DATA_HOME");
        // Relative paths are ignored, as the specification requires.
        return data is { Length: > 0 } && Path.IsPathRooted(data)
            ? Path.Combine(data, "agb")
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "share", "agb");
    }

    /// <inheritdoc/>
    public string Name => "embedded";

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>The directory of catalog, layers and sessions.</summary>
    public string HomeDirectory => _parts.Paths.Home;

    internal EngineParts Parts => _parts;

    internal PreparedSandboxes Prepared => _prepared;

    /// <inheritdoc/>
    public Task<AgbContext> CreateContextAsync(string name, bool getExisting = false, CancellationToken cancellationToken = default) =>
        ChangeAsync("creating a context", () => _contexts.Create(name, getExisting), cancellationToken);

    /// <inheritdoc/>
    public Task<AgbContext> GetContextAsync(ContextId contextId, CancellationToken cancellationToken = default) =>
        CallAsync("reading a context", () => _contexts.Get(contextId), cancellationToken);

    /// <inheritdoc/>
    public Task<AgbContext> FindContextAsync(string idOrName, CancellationToken cancellationToken = default) =>
        CallAsync("reading a context", () => _contexts.Find(idOrName), cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<AgbContext> ListContextsAsync(CancellationToken cancellationToken = default) =>
        ListAsync("listing contexts", _contexts.List, cancellationToken);

    /// <inheritdoc/>
    public Task<AgbContextPage> ListContextPageAsync(string? after, int most, CancellationToken cancellationToken = default) =>
        CallAsync("listing contexts", () => _contexts.ListPage(after, most), cancellationToken);

    /// <inheritdoc/>
    public Task RemoveContextAsync(ContextId contextId, CancellationToken cancellationToken = default) => ChangeAsync(
        "removing a context",
        () =>
        {
            _contexts.Remove(contextId);
            return true;
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> GetContextPathsAsync(ContextId contextId, CancellationToken cancellationToken = default) =>
        CallAsync(
            "reading a context",
            async () =>
            {
                await RecycleAsync(contextId, cancellationToken).ConfigureAwait(false);
                return _contexts.Paths(contextId);
            },
            cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<AgbContextVersion> ListContextVersionsAsync(ContextId contextId, CancellationToken cancellationToken = default) =>
        ListAsync(
            "listing versions",
            async () =>
            {
                await RecycleAsync(contextId, cancellationToken).ConfigureAwait(false);
                return _contexts.Versions(contextId);
            },
            cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<AgbImage>> ListImagesAsync(CancellationToken cancellationToken = default) =>
        CallAsync<IReadOnlyList<AgbImage>>("listing images", () => [.. _parts.Images.Images.Select(_parts.Descriptions.Describe)], cancellationToken);

    /// <inheritdoc/>
    public Task<AgbSession> CreateSessionAsync(AgbSessionRequest request, CancellationToken cancellationToken = default)
    {
        var valid = RequestRules.Session(request);
        return ChangeAsync("creating a session", () => _creator.CreateAsync(valid, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<AgbSession> GetSessionAsync(SessionId sessionId, CancellationToken cancellationToken = default) => CallAsync(
        "reading a session", () => ToSession(_reader.Require(sessionId)), cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<AgbSession> ListSessionsAsync(
        IReadOnlyDictionary<string, string>? labels = null, CancellationToken cancellationToken = default) => ListAsync(
        "listing sessions",
        () => _parts.Catalog.Read(SessionTable.Live).Select(ToSession)
            .Where(s => labels is null || labels.All(l => s.Labels.TryGetValue(l.Key, out var value) && value == l.Value)),
        cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<AgbSession> ListReleasedSessionsAsync(CancellationToken cancellationToken = default) => ListAsync(
        "listing released sessions", () => _parts.Catalog.Read(SessionTable.Released).Select(_reader.ToSession), cancellationToken);

    /// <inheritdoc/>
    public Task<AgbSession> WaitSessionAsync(SessionId sessionId, TimeSpan timeout, CancellationToken cancellationToken = default) =>
        CallAsync("waiting for a session", () => _commands.WaitAsync(sessionId, timeout, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task RemoveSessionAsync(
        SessionId sessionId, AgbReleaseMode mode = AgbReleaseMode.Policy, CancellationToken cancellationToken = default) => DoAsync(
        $"removing the session '{sessionId}'",
        async () =>
        {
            await _releaser.ReleaseAsync(sessionId, mode, cancellationToken).ConfigureAwait(false);
            _browsers.Forget(sessionId);
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task<AgbCommandResult> RunCommandAsync(
        SessionId sessionId, AgbCommandRequest request, CancellationToken cancellationToken = default)
    {
        var valid = RequestRules.Command(request);
        return ChangeAsync("running a command", () => _commands.RunAsync(sessionId, valid, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IAgbTerminal> OpenTerminalAsync(
        SessionId sessionId, AgbTerminalRequest request, CancellationToken cancellationToken = default)
    {
        var valid = RequestRules.Terminal(request);
        return ChangeAsync("opening a terminal", () => _commands.OpenTerminalAsync(sessionId, valid, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<AgbSyncStatus>> StartSyncAsync(
        SessionId sessionId, AgbSyncRequest request, CancellationToken cancellationToken = default) =>
        ChangeAsync("starting a sync", () => _syncs.StartAsync(sessionId, RequestRules.Sync(request), cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<AgbSyncStatus>> GetSyncStatusAsync(
        SessionId sessionId, ContextId? contextId = null, string? path = null, AgbSyncTaskType? taskType = null,
        CancellationToken cancellationToken = default) =>
        CallAsync("reading a sync's status", () => _syncs.Status(sessionId, contextId?.Value, path, taskType), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<AgbSyncStatus>> WaitSyncAsync(
        SessionId sessionId, TimeSpan timeout, ContextId? contextId = null, string? path = null,
        CancellationToken cancellationToken = default) =>
        CallAsync("waiting for a sync", () => _syncs.WaitAsync(sessionId, timeout, contextId?.Value, path, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<AgbSyncPlanItem>> PlanSyncAsync(
        SessionId sessionId, AgbSyncRequest request, CancellationToken cancellationToken = default) =>
        CallAsync("planning a sync", () => _syncs.PlanAsync(sessionId, RequestRules.Sync(request), cancellationToken), cancellationToken);

    /// <summary>Recovers now, and waits for the recovery and the releases found due.</summary>
    internal Task RecoverAsync() => _housekeeping.RecoverAsync();

    /// <summary>Waits for all background work.</summary>
    internal Task SettleAsync() => _housekeeping.SettleAsync();

    /// <summary>Removes expired entries of a context before it is shown.</summary>
    private Task RecycleAsync(ContextId contextId, CancellationToken cancellationToken) =>
        _parts.Paths.IsReadOnly ? Task.CompletedTask : _parts.EntryExpiry.RunAsync(_parts.Catalog.Read(tx => ContextOperations.Require(tx, contextId).Id), cancellationToken);

    /// <inheritdoc/>
    public void ClaimSession(SessionId sessionId) => _claims.Claim(sessionId);

    /// <summary>The number of sandboxes that stand ready for sessions, with those being started.</summary>
    public int PreparedCount => _prepared.Count;

    /// <summary>Ends the sandboxes that stand ready.</summary>
    public Task EndPreparedAsync() => _prepared.EndAllAsync();

    /// <summary>Waits for running releases, and closes the catalog. Sessions continue.</summary>
    public void Dispose()
    {
        _browsers.Dispose();
        _prepared.Close();
        // Unfinished work needs the catalog until the process ends.
        if (_housekeeping.Close())
        {
            _housekeeping.Dispose();
            _claims.Dispose();
            _parts.Dispose();
        }
    }

    /// <summary>The current session. For an expired or idle one, starts the release or suspension without waiting for it.</summary>
    private AgbSession ToSession(SessionRow row)
    {
        if (!_sweeper.IsDue(row))
        {
            if (_sweeper.IsSleepy(row))
            {
                _housekeeping.Suspend(row.Id);
            }
            return _reader.ToSession(row);
        }
        _housekeeping.Release(row.Id);
        return _reader.ToSession(row) with { Status = AgbSessionStatus.Releasing };
    }

    private Task<T> CallAsync<T>(string doing, Func<T> work, CancellationToken cancellationToken) =>
        CallAsync(doing, () => Task.FromResult(work()), cancellationToken);

    // The catalog and the file system have no asynchronous API, so the work leaves the caller's thread at once.
    private Task<T> CallAsync<T>(string doing, Func<Task<T>> work, CancellationToken cancellationToken) => Task.Run(
        () => ErrorTranslation.GuardAsync(doing, async () =>
        {
            _housekeeping.Begin();
            cancellationToken.ThrowIfCancellationRequested();
            return await work().ConfigureAwait(false);
        }),
        cancellationToken);

    private Task<T> ChangeAsync<T>(string doing, Func<T> work, CancellationToken cancellationToken) =>
        ChangeAsync(doing, () => Task.FromResult(work()), cancellationToken);

    /// <summary>A write call, refused at once by a read-only store.</summary>
    private Task<T> ChangeAsync<T>(string doing, Func<Task<T>> work, CancellationToken cancellationToken) => CallAsync(
        doing,
        () => _parts.Paths.IsReadOnly ? throw StoreErrors.ReadOnly($"The store '{_parts.Paths.Home}' is read-only; {doing} needs write access.") : work(),
        cancellationToken);

    private Task<bool> DoAsync(string doing, Func<Task> work, CancellationToken cancellationToken) => ChangeAsync(
        doing,
        async () =>
        {
            await work().ConfigureAwait(false);
            return true;
        },
        cancellationToken);

    private IAsyncEnumerable<T> ListAsync<T>(string doing, Func<IEnumerable<T>> work, CancellationToken cancellationToken) =>
        ListAsync(doing, () => Task.FromResult(work()), cancellationToken);

    private async IAsyncEnumerable<T> ListAsync<T>(
        string doing, Func<Task<IEnumerable<T>>> work, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var items = await CallAsync(doing, async () => (await work().ConfigureAwait(false)).ToArray(), cancellationToken).ConfigureAwait(false);
        foreach (var item in items)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return item;
        }
    }
}
