using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Agb.Server.Tests.Support;

/// <summary>A service in memory, whose sessions are this machine: commands run in a shell here.</summary>
internal sealed class FakeService : IAgbService, ITerminalService, ISessionPortService, IDesktopViewService, ISessionMountService, ISessionSleepService, ISessionForkService
{
    private readonly ConcurrentDictionary<string, AgbContext> _contexts = new();
    private readonly ConcurrentDictionary<string, AgbSession> _sessions = new();
    private readonly ConcurrentDictionary<(string Context, string Path), (byte[] Content, AgbContextFile File)> _files = new();
    private readonly ConcurrentDictionary<string, List<AgbSyncStatus>> _tasks = new();

    public string Name => "fake";

    /// <summary>What a session's port leads to.</summary>
    public Uri? LinkTarget { get; set; }

    /// <summary>The sessions that were connected to, one for each connection.</summary>
    public ConcurrentQueue<string> Connections { get; } = new();

    /// <summary>What running code does.</summary>
    public Func<AgbCodeRequest, CancellationToken, Task<AgbCodeResult>>? OnCode { get; set; }

    /// <summary>What a creation does first.</summary>
    public Func<CancellationToken, Task>? OnCreate { get; set; }

    /// <summary>What running a command does, in place of a shell here.</summary>
    public Func<AgbCommandRequest, CancellationToken, Task<AgbCommandResult>>? OnCommand { get; set; }

    /// <summary>What cancels the last sync.</summary>
    public CancellationToken SyncToken { get; private set; }

    /// <summary>How many sessions there are.</summary>
    public int Sessions => _sessions.Count;

    /// <summary>What a release waits for.</summary>
    public Task ReleaseGate { get; set; } = Task.CompletedTask;

    /// <summary>What a release does first.</summary>
    public Func<Task>? OnRelease { get; set; }

    /// <summary>What a wait for a sync does first.</summary>
    public Func<TimeSpan, CancellationToken, Task>? OnWaitSync { get; set; }

    /// <summary>What a wait for a session does.</summary>
    public Func<CancellationToken, Task>? OnWait { get; set; }

    /// <summary>Opens terminals; null for ones that echo.</summary>
    public Func<AgbTerminalSize, CancellationToken, Task<IAgbTerminal>>? OnTerminal { get; set; }

    /// <summary>Opens views of desktops.</summary>
    public Func<CancellationToken, Task<IAgbDesktopView>>? OnView { get; set; }

    /// <summary>The images.</summary>
    public IReadOnlyList<AgbImage> Images { get; set; } = [new AgbImage { ImageId = "agb-code-space-1", HomeDirectory = "/home/code" }];

    /// <summary>How often the images were listed.</summary>
    public int ImageLists { get; private set; }

    /// <summary>Adds a session.</summary>
    public AgbSession AddSession(string id = "s-1")
    {
        var session = new AgbSession { Service = this, SessionId = id, ImageId = "agb-code-space-1", Status = AgbSessionStatus.Running, CreatedAt = DateTimeOffset.UtcNow };
        _sessions[id] = session;
        return session;
    }

    /// <summary>Says what the tasks of a session are.</summary>
    public void SetTasks(SessionId sessionId, params AgbSyncStatus[] tasks) => _tasks[sessionId] = [.. tasks];

    public Task<AgbContext> CreateContextAsync(string name, bool getExisting = false, CancellationToken cancellationToken = default)
    {
        var valid = RequestRules.ContextName(name);
        var existing = _contexts.Values.FirstOrDefault(c => c.Name == valid);
        if (existing is not null)
        {
            return getExisting ? Task.FromResult(existing) : throw AgbErrors.ContextAlreadyExists(valid);
        }
        var context = new AgbContext { Service = this, Id = $"SdkCtx-{Guid.NewGuid():n}", Name = valid, CreatedAt = DateTimeOffset.UtcNow };
        _contexts[context.Id] = context;
        return Task.FromResult(context);
    }

    public Task<AgbContext> GetContextAsync(ContextId contextId, CancellationToken cancellationToken = default) =>
        Task.FromResult(_contexts.GetValueOrDefault(contextId) ?? throw AgbErrors.ContextNotFound(contextId));

    public async Task<AgbContextFile> FindContextFileAsync(string idOrName, string path, CancellationToken cancellationToken = default) =>
        await GetContextFileAsync(await FindContextAsync(idOrName, cancellationToken), path, null, cancellationToken);

    public IAsyncEnumerable<AgbSession> ListReleasedSessionsAsync(CancellationToken cancellationToken = default) =>
        throw AgbErrors.NotSupported(Name, "listing released sessions");

    public Task<AgbContext> FindContextAsync(string idOrName, CancellationToken cancellationToken = default) => Task.FromResult(
        _contexts.GetValueOrDefault(idOrName) ?? _contexts.Values.FirstOrDefault(c => c.Name == idOrName) ?? throw AgbErrors.ContextNotFound(idOrName));

    public IAsyncEnumerable<AgbContext> ListContextsAsync(CancellationToken cancellationToken = default) =>
        _contexts.Values.OrderBy(c => c.Name, StringComparer.Ordinal).ToAsyncEnumerable();

    public async Task RemoveContextAsync(ContextId contextId, CancellationToken cancellationToken = default) =>
        _contexts.TryRemove((await GetContextAsync(contextId, cancellationToken)).Id, out _);

    public async Task<AgbContext> RenameContextAsync(ContextId contextId, string newName, CancellationToken cancellationToken = default)
    {
        var context = await GetContextAsync(contextId, cancellationToken);
        return _contexts[context.Id] = context with { Name = RequestRules.ContextName(newName) };
    }

    public async Task<AgbContext> ClearContextAsync(ContextId contextId, bool noWait = false, CancellationToken cancellationToken = default)
    {
        var context = await GetContextAsync(contextId, cancellationToken);
        foreach (var key in _files.Keys.Where(k => k.Context == context.Id))
        {
            _files.TryRemove(key, out _);
        }
        return context;
    }

    public async Task<IReadOnlyList<string>> GetContextPathsAsync(ContextId contextId, CancellationToken cancellationToken = default)
    {
        await GetContextAsync(contextId, cancellationToken);
        return ["/home/data"];
    }

    public async IAsyncEnumerable<AgbContextVersion> ListContextVersionsAsync(
        ContextId contextId, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await GetContextAsync(contextId, cancellationToken);
        yield return new AgbContextVersion { ContextId = contextId, Version = 1, Origin = AgbVersionOrigin.Files };
    }

    public async Task<AgbContextVersion> RestoreContextAsync(ContextId contextId, long version, CancellationToken cancellationToken = default)
    {
        await GetContextAsync(contextId, cancellationToken);
        return version == 1
            ? new AgbContextVersion { ContextId = contextId, Version = 2, Origin = AgbVersionOrigin.Restore }
            : throw AgbErrors.VersionNotFound(contextId, version);
    }

    public async IAsyncEnumerable<AgbContextFile> ListContextFilesAsync(
        ContextId contextId, AgbContextFileQuery query, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await GetContextAsync(contextId, cancellationToken);
        var folder = LinuxPath.Normalize(query.Path).TrimEnd('/');
        foreach (var (_, file) in _files.Where(f => f.Key.Context == contextId).OrderBy(f => f.Key.Path, StringComparer.Ordinal).Select(f => f.Value).Skip(query.Skip))
        {
            if (query.Recurse ? file.Path.StartsWith(folder + "/", StringComparison.Ordinal) : file.Path[..file.Path.LastIndexOf('/')] == folder)
            {
                yield return file;
            }
        }
    }

    public async Task<AgbContextFile> GetContextFileAsync(ContextId contextId, string path, long? version = null, CancellationToken cancellationToken = default)
    {
        await GetContextAsync(contextId, cancellationToken);
        return _files.TryGetValue((contextId, LinuxPath.Normalize(path)), out var found) ? found.File : throw AgbErrors.FileNotFound(contextId, path);
    }

    public async Task<AgbContextFileContent> OpenContextFileAsync(
        ContextId contextId, string path, long? version = null, long offset = 0, CancellationToken cancellationToken = default)
    {
        var file = await GetContextFileAsync(contextId, path, version, cancellationToken);
        var content = _files[(contextId, file.Path)].Content;
        return new AgbContextFileContent(file, new MemoryStream(content[(int)Math.Min(offset, content.Length)..]));
    }

    public async Task<AgbContextVersion?> ChangeContextFilesAsync(
        ContextId contextId, IAsyncEnumerable<AgbContextFileChange> changes, CancellationToken cancellationToken = default)
    {
        await GetContextAsync(contextId, cancellationToken);
        await foreach (var change in changes.WithCancellation(cancellationToken))
        {
            var path = LinuxPath.Normalize(change.Path);
            if (change is AgbContextFileChange.Put put)
            {
                using var content = new MemoryStream();
                await (await put.Open(cancellationToken)).CopyToAsync(content, cancellationToken);
                var bytes = content.ToArray();
                var file = new AgbContextFile
                {
                    Service = this, ContextId = contextId, Path = path, Size = bytes.Length, Mode = put.Mode ?? 420, ModifiedAt = put.ModifiedAt ?? DateTimeOffset.UtcNow,
                    ETag = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes)),
                };
                _files[(contextId, path)] = (bytes, file);
            }
            else if (change is AgbContextFileChange.Remove && !_files.TryRemove((contextId, path), out _))
            {
                throw AgbErrors.FileNotFound(contextId, path);
            }
        }
        return new AgbContextVersion { ContextId = contextId, Version = 7, Origin = AgbVersionOrigin.Files };
    }

    public Task<IReadOnlyList<AgbImage>> ListImagesAsync(CancellationToken cancellationToken = default)
    {
        ImageLists++;
        return Task.FromResult(Images);
    }

    public Task<IAgbDesktopView> OpenDesktopViewAsync(SessionId sessionId, AgbDesktopViewMode mode, CancellationToken cancellationToken = default) =>
        (OnView ?? throw AgbErrors.NotSupported(Name, "views of desktops"))(cancellationToken);

    public async Task<AgbSession> CreateSessionAsync(AgbSessionRequest request, CancellationToken cancellationToken = default)
    {
        await (OnCreate?.Invoke(cancellationToken) ?? Task.CompletedTask);
        var valid = RequestRules.Session(request);
        if (valid.ImageId != "agb-code-space-1")
        {
            throw AgbErrors.ImageNotFound(valid.ImageId, ["agb-code-space-1"]);
        }
        var session = AddSession($"s-{Guid.NewGuid():n}") with
        {
            Labels = valid.Labels, ContextSyncs = valid.ContextSyncs, IdleTimeout = valid.IdleTimeout, Network = valid.Network ?? AgbNetwork.Host, Limits = valid.Limits,
        };
        _tasks[session.SessionId] =
        [
            .. valid.ContextSyncs.Select(s => new AgbSyncStatus
            {
                SessionId = session.SessionId, ContextId = s.ContextId, Path = s.Path, TaskType = AgbSyncTaskType.Download, Status = AgbSyncTaskStatus.Success,
                StartTime = DateTimeOffset.UtcNow,
            }),
        ];
        return _sessions[session.SessionId] = session;
    }

    public Task<AgbSession> GetSessionAsync(SessionId sessionId, CancellationToken cancellationToken = default) =>
        Task.FromResult(_sessions.GetValueOrDefault(sessionId) ?? throw AgbErrors.SessionNotFound(sessionId));

    public IAsyncEnumerable<AgbSession> ListSessionsAsync(
        IReadOnlyDictionary<string, string>? labels = null, CancellationToken cancellationToken = default) =>
        _sessions.Values.OrderBy(s => s.CreatedAt).ThenBy(s => s.SessionId, StringComparer.Ordinal)
            .Where(s => labels is null || labels.All(l => s.Labels.GetValueOrDefault(l.Key) == l.Value)).ToAsyncEnumerable();

    public async Task<AgbSession> WaitSessionAsync(SessionId sessionId, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        var session = await GetSessionAsync(sessionId, cancellationToken);
        await (OnWait?.Invoke(cancellationToken) ?? Task.CompletedTask);
        return session;
    }

    public async Task RemoveSessionAsync(
        SessionId sessionId, AgbReleaseMode mode = AgbReleaseMode.Policy, CancellationToken cancellationToken = default)
    {
        await GetSessionAsync(sessionId, cancellationToken);
        await (OnRelease?.Invoke() ?? Task.CompletedTask);
        await ReleaseGate.WaitAsync(cancellationToken);
        _sessions.TryRemove(sessionId, out _);
    }

    public async Task<AgbSession> SetSessionLabelsAsync(
        SessionId sessionId, IReadOnlyDictionary<string, string> labels, CancellationToken cancellationToken = default)
    {
        RequestRules.Labels(labels);
        return _sessions[sessionId] = await GetSessionAsync(sessionId, cancellationToken) with { Labels = labels };
    }

    public Task<AgbSession> KeepSessionAliveAsync(SessionId sessionId, CancellationToken cancellationToken = default) => GetSessionAsync(sessionId, cancellationToken);

    public async Task<AgbSession> SuspendSessionAsync(SessionId sessionId, CancellationToken cancellationToken = default) =>
        _sessions[sessionId] = await GetSessionAsync(sessionId, cancellationToken) with { Status = AgbSessionStatus.Suspended };

    public async Task<IReadOnlyList<AgbSession>> ForkSessionAsync(SessionId sessionId, int count = 1, CancellationToken cancellationToken = default)
    {
        var origin = await GetSessionAsync(sessionId, cancellationToken);
        return [.. Enumerable.Range(1, count).Select(i => origin with { SessionId = $"{sessionId}-fork-{i}", ForkedFrom = sessionId.ToString() })];
    }

    public async Task<AgbSession> ResumeSessionAsync(SessionId sessionId, CancellationToken cancellationToken = default) =>
        _sessions[sessionId] = await GetSessionAsync(sessionId, cancellationToken) with { Status = AgbSessionStatus.Running };

    public async Task<Uri> GetSessionLinkAsync(SessionId sessionId, int port, string? scheme = null, CancellationToken cancellationToken = default)
    {
        await GetSessionAsync(sessionId, cancellationToken);
        return port is > 0 and <= 65535 && LinkTarget is not null
            ? LinkTarget
            : throw AgbErrors.Invalid(AgbErrorIds.InvalidSessionOption, $"No port {port}.");
    }

    public Task RequireSessionPortAsync(SessionId sessionId, int port, CancellationToken cancellationToken = default) =>
        GetSessionLinkAsync(sessionId, port, null, cancellationToken);

    public Task<AgbBrowserConnection> ConnectBrowserAsync(SessionId sessionId, CancellationToken cancellationToken = default) =>
        throw AgbErrors.NotSupported(Name, "browsers in sessions");

    public async Task<Stream> ConnectSessionPortAsync(SessionId sessionId, int port, CancellationToken cancellationToken = default)
    {
        var target = LinkTarget ?? throw AgbErrors.Invalid(AgbErrorIds.InvalidSessionOption, $"No port {port}.");
        Connections.Enqueue(sessionId);
        var client = new System.Net.Sockets.TcpClient();
        try
        {
            await client.ConnectAsync(target.Host, target.Port, cancellationToken);
        }
        catch (System.Net.Sockets.SocketException e)
        {
            client.Dispose();
            throw new AgbException(AgbErrorIds.ConnectionFailed, AgbErrorKind.Failed, $"Nothing listens on {target}.", inner: e);
        }
        return client.GetStream();
    }

    public async Task<AgbCodeResult> RunCodeAsync(SessionId sessionId, AgbCodeRequest request, CancellationToken cancellationToken = default)
    {
        await GetSessionAsync(sessionId, cancellationToken);
        return string.IsNullOrEmpty(request.Code)
            ? throw AgbErrors.Invalid(AgbErrorIds.InvalidCode, "The code is empty.")
            : await (OnCode ?? throw AgbErrors.NotSupported(Name, "running code"))(request, cancellationToken);
    }

    public async Task<AgbCommandResult> RunCommandAsync(SessionId sessionId, AgbCommandRequest request, CancellationToken cancellationToken = default)
    {
        var valid = RequestRules.Command(request);
        await GetSessionAsync(sessionId, cancellationToken);
        if (OnCommand is { } run)
        {
            return await run(valid, cancellationToken);
        }
        if (valid.Environment.GetValueOrDefault("AGB_TRANSFER_PATH") == "/tmp/file_transfer")
        {
            // A session has a /tmp of its own; this machine's is not to be written into.
            return new AgbCommandResult { Service = this, SessionId = sessionId, Command = valid.Command };
        }
        var start = new ProcessStartInfo("/bin/bash", ["-c", valid.Command])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = valid.WorkingDirectory ?? "/tmp",
        };
        foreach (var (name, value) in valid.Environment)
        {
            start.Environment[name] = value;
        }
        using var process = Process.Start(start)!;
        using var output = new MemoryStream();
        using var errors = new MemoryStream();
        var reading = Task.WhenAll(
            process.StandardOutput.BaseStream.CopyToAsync(output, cancellationToken), process.StandardError.BaseStream.CopyToAsync(errors, cancellationToken));
        try
        {
            if (valid.Input is { } input)
            {
                await input.CopyToAsync(process.StandardInput.BaseStream, cancellationToken);
            }
            process.StandardInput.Close();
            await reading;
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
        foreach (var (text, number) in System.Text.Encoding.UTF8.GetString(output.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select((t, i) => (t, i + 1)))
        {
            await (valid.Lines?.WriteAsync(new AgbCommandOutput { SessionId = sessionId, Number = number, Text = text }, cancellationToken) ?? default);
        }
        return new AgbCommandResult { Service = this, SessionId = sessionId, Command = valid.Command, ExitCode = process.ExitCode }
            .WithOutput(output.ToArray(), errors.ToArray());
    }

    public async Task<IAgbTerminal> OpenTerminalAsync(SessionId sessionId, AgbTerminalRequest request, CancellationToken cancellationToken = default)
    {
        var valid = RequestRules.Terminal(request);
        await GetSessionAsync(sessionId, cancellationToken);
        return OnTerminal is null ? new EchoTerminal(valid.Size) : await OnTerminal(valid.Size, cancellationToken);
    }

    public Task<IReadOnlyList<AgbSyncStatus>> StartSyncAsync(SessionId sessionId, AgbSyncRequest request, CancellationToken cancellationToken = default)
    {
        SyncToken = cancellationToken;
        return GetSyncStatusAsync(sessionId, ContextId.Optional(request.ContextId), request.Path, request.Mode, cancellationToken);
    }

    public async Task<IReadOnlyList<AgbSyncStatus>> GetSyncStatusAsync(
        SessionId sessionId, ContextId? contextId = null, string? path = null, AgbSyncTaskType? taskType = null, CancellationToken cancellationToken = default)
    {
        await GetSessionAsync(sessionId, cancellationToken);
        var normal = path is null ? null : LinuxPath.Normalize(path);
        return [.. _tasks.GetValueOrDefault(sessionId, []).Where(t => (contextId is null || t.ContextId == contextId) && (normal is null || t.Path == normal) && (taskType is null || t.TaskType == taskType))];
    }

    public async Task<IReadOnlyList<AgbSyncStatus>> WaitSyncAsync(
        SessionId sessionId, TimeSpan timeout, ContextId? contextId = null, string? path = null, CancellationToken cancellationToken = default)
    {
        await (OnWaitSync?.Invoke(timeout, cancellationToken) ?? Task.CompletedTask);
        return await GetSyncStatusAsync(sessionId, contextId, path, cancellationToken: cancellationToken);
    }

    public async Task<IReadOnlyList<AgbSyncPlanItem>> PlanSyncAsync(SessionId sessionId, AgbSyncRequest request, CancellationToken cancellationToken = default)
    {
        await GetSessionAsync(sessionId, cancellationToken);
        return [new AgbSyncPlanItem { SessionId = sessionId, ContextId = "c", Action = AgbSyncAction.Add, Path = "/p", Reason = "new" }];
    }

    public async Task<AgbMount> MountContextAsync(SessionId sessionId, AgbMountRequest request, CancellationToken cancellationToken = default)
    {
        await GetSessionAsync(sessionId, cancellationToken);
        var context = await FindContextAsync(request.Sync.ContextId, cancellationToken);
        return new AgbMount
        {
            SessionId = sessionId, ContextId = context.Id, Path = request.Sync.Path, OriginPath = request.Sync.OriginPath, Version = request.Version, IsReadOnly = request.IsReadOnly,
        };
    }

    public Task<AgbMount> DismountContextAsync(SessionId sessionId, AgbMountChange request, CancellationToken cancellationToken = default) =>
        SwitchContextAsync(sessionId, request, cancellationToken);

    public Task<AgbMount> SwitchContextAsync(SessionId sessionId, AgbMountChange request, CancellationToken cancellationToken = default) => MountContextAsync(
        sessionId,
        new AgbMountRequest { Sync = new AgbContextSync { ContextId = request.ContextId ?? "", Path = request.Path ?? "/" }, Version = request.Version },
        cancellationToken);

    public async Task<IReadOnlyList<AgbMount>> ListMountsAsync(SessionId sessionId, CancellationToken cancellationToken = default)
    {
        await GetSessionAsync(sessionId, cancellationToken);
        return [];
    }
}
