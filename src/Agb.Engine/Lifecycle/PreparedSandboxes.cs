namespace Agb.Engine;

/// <summary>The properties of a sandbox that a session can't change later: one prepared with them serves each session that asks for the
/// same.</summary>
internal sealed class PreparedKind(AgbImage image, AgbNetwork network, AgbSessionLimits limits) : IEquatable<PreparedKind>
{
    // By content: images are read anew for each session.
    private readonly string _key = string.Join(
        '\n', image.ImageId, image.Root, image.HomeDirectory, image.HasDesktop, network, limits, string.Join('\n', image.Environment.Select(e => $"{e.Key}={e.Value}")));

    internal AgbImage Image => image;

    internal AgbNetwork Network => network;

    internal AgbSessionLimits Limits => limits;

    /// <inheritdoc/>
    public bool Equals(PreparedKind? other) => other?._key == _key;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as PreparedKind);

    /// <inheritdoc/>
    public override int GetHashCode() => _key.GetHashCode(StringComparison.Ordinal);
}

/// <summary>A sandbox that waits for its session. Its owner holds the lock of the session's id.</summary>
internal sealed record PreparedSandbox(string SessionId, FileLock Lock, SandboxHandle Handle);

/// <summary>Sandboxes without mounts, started ahead of the sessions that will use them. They belong to this process and are in no catalog: after a
/// kill of this process their directories are orphans with a free lock, removed by the next recovery, and their launcher ends
/// them by itself.</summary>
internal sealed class PreparedSandboxes : IDisposable
{
    // The first work of the new session goes first.
    private static readonly TimeSpan s_delay = TimeSpan.FromMilliseconds(150);

    // The launcher's clock, for the case of a kill, leaves time for the orderly end.
    private static readonly TimeSpan s_unusedEnd = TimeSpan.FromMinutes(1), s_launcherEnd = TimeSpan.FromMinutes(3);

    private readonly EngineParts _parts;
    private readonly Dictionary<PreparedKind, Queue<PreparedSandbox>> _ready = [];
    private readonly HashSet<PreparedKind> _starting = [];
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _closing = new();
    private Task _work = Task.CompletedTask;
    private long _usedAt;
    private int _count;

    internal PreparedSandboxes(EngineParts parts)
    {
        _parts = parts;
        _timer = parts.Time.CreateTimer(_ => EndUnused(), null, s_unusedEnd, s_unusedEnd);
        AppDomain.CurrentDomain.ProcessExit += EndWithProcess;
    }

    /// <summary>The number of prepared sandboxes, with those being started.</summary>
    internal int Count => Volatile.Read(ref _count);

    /// <summary>The number of sandboxes that stand ready now.</summary>
    internal int Ready
    {
        get
        {
            lock (_gate)
            {
                return _ready.Values.Sum(q => q.Count);
            }
        }
    }

    /// <summary>Takes a sandbox for a session; null if none is ready.</summary>
    internal PreparedSandbox? Take(PreparedKind kind)
    {
        while (true)
        {
            PreparedSandbox? next;
            lock (_gate)
            {
                if (!_ready.TryGetValue(kind, out var waiting) || !waiting.TryDequeue(out next))
                {
                    return null;
                }
                _count--;
            }
            if (TrySetLifetime(next, null))
            {
                return next;
            }
            Do(() => EndAsync(next));
        }
    }

    /// <summary>Gives a taken sandbox back.</summary>
    internal void GiveBack(PreparedKind kind, PreparedSandbox sandbox)
    {
        lock (_gate)
        {
            _count++;
            (_ready.TryGetValue(kind, out var waiting) ? waiting : _ready[kind] = new()).Enqueue(sandbox);
        }
    }

    /// <summary>Prepares for the next session of a kind, in the background.</summary>
    internal void PrepareLater(PreparedKind kind)
    {
        lock (_gate)
        {
            var have = _ready.TryGetValue(kind, out var waiting) ? waiting.Count : 0;
            if (_closing.IsCancellationRequested || have >= _parts.Options.PreparedSandboxes || _count >= _parts.Options.PreparedSandboxes * 4
                || !_parts.Options.MayPrepare() || !_starting.Add(kind))
            {
                return;
            }
            _count++;
            _usedAt = _parts.Time.GetTimestamp();
        }
        Do(() => PrepareAsync(kind));
    }

    /// <summary>Ends all of them, and waits for that.</summary>
    internal async Task EndAllAsync()
    {
        foreach (var each in TakeAll())
        {
            Do(() => EndAsync(each));
        }
        Task work;
        lock (_gate)
        {
            work = _work;
        }
        await work.ConfigureAwait(false);
    }

    /// <summary>Ends all of them. None is prepared any more.</summary>
    internal void Close()
    {
        AppDomain.CurrentDomain.ProcessExit -= EndWithProcess;
        _timer.Dispose();
        _closing.Cancel();
        EndAllAsync().GetAwaiter().GetResult();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer.Dispose();
        _closing.Dispose();
    }

    private void EndWithProcess(object? sender, EventArgs e) => Close();

    private async Task PrepareAsync(PreparedKind kind)
    {
        PreparedSandbox? made = null;
        try
        {
            await Task.Delay(s_delay, _parts.Time, _closing.Token).ConfigureAwait(false);
            made = await StartAsync(kind).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested)
        {
            // The service closes.
        }
        lock (_gate)
        {
            _starting.Remove(kind);
            if (made is not null && !_closing.IsCancellationRequested)
            {
                (_ready.TryGetValue(kind, out var waiting) ? waiting : _ready[kind] = new()).Enqueue(made);
                made = null;
            }
            else
            {
                _count--;
            }
        }
        if (made is not null)
        {
            await EndAsync(made).ConfigureAwait(false);
        }
        else
        {
            PrepareLater(kind);
        }
    }

    /// <summary>Starts a sandbox. A failure is that of the next create too, which reports it.</summary>
    private async Task<PreparedSandbox?> StartAsync(PreparedKind kind)
    {
        var sessionId = SessionLocks.IdPrefix + RandomId.New();
        FileLock held;
        try
        {
            held = await FileLock.AcquireAsync(_parts.Paths.SessionLock(sessionId), _parts.Time, _closing.Token).ConfigureAwait(false);
        }
        catch (IOException)
        {
            return null;
        }
        try
        {
            using (var sessions = Fd.OpenDirectory(_parts.Paths.Sessions))
            {
                sessions.MkdirAt(sessionId, FileModes.PassThrough);
            }
            var handle = await _parts.Driver.StartAsync(
                new SandboxSpec
                {
                    SessionId = sessionId,
                    SessionDirectory = _parts.Paths.Session(sessionId),
                    AgbHome = _parts.Paths.Home,
                    Image = kind.Image,
                    Network = kind.Network,
                    Mounts = [],
                    UseOverlay = true,
                    MaxLifetime = s_launcherEnd,
                    Limits = kind.Limits,
                },
                _closing.Token).ConfigureAwait(false);
            await DesktopStart.RunAsync(_parts.Driver, handle, kind.Image, _closing.Token).ConfigureAwait(false);
            FaultPoint.Reach(FaultPoint.SandboxPrepared);
            return new(sessionId, held, handle);
        }
        catch (Exception e) when (e is AgbException or IOException or OperationCanceledException)
        {
            await RemoveAsync(sessionId, held).ConfigureAwait(false);
            if (e is OperationCanceledException)
            {
                throw;
            }
            return null;
        }
    }

    /// <summary>Ends a sandbox, also a taken one, and removes its remains.</summary>
    internal Task EndAsync(PreparedSandbox sandbox) => RemoveAsync(sandbox.SessionId, sandbox.Lock);

    private async Task RemoveAsync(string sessionId, FileLock held)
    {
        using (held)
        {
            await _parts.Driver.CleanUpAsync(_parts.Paths.Session(sessionId), CancellationToken.None).ConfigureAwait(false);
            TreeRemover.Remove(_parts.Paths.Session(sessionId));
            // The id is not known to others, so no process waits for the lock.
            if (Directory.Exists(_parts.Paths.Locks))
            {
                File.Delete(_parts.Paths.SessionLock(sessionId));
            }
        }
    }

    private void EndUnused()
    {
        if (_parts.Time.GetElapsedTime(Interlocked.Read(ref _usedAt)) >= s_unusedEnd)
        {
            TakeAll().ForEach(each => Do(() => EndAsync(each)));
            return;
        }
        lock (_gate)
        {
            foreach (var each in _ready.Values.SelectMany(q => q))
            {
                TrySetLifetime(each, s_launcherEnd);
            }
        }
    }

    private List<PreparedSandbox> TakeAll()
    {
        lock (_gate)
        {
            List<PreparedSandbox> all = [.. _ready.Values.SelectMany(q => q)];
            _ready.Clear();
            _count -= all.Count;
            return all;
        }
    }

    private bool TrySetLifetime(PreparedSandbox sandbox, TimeSpan? lifetime)
    {
        try
        {
            _parts.Driver.SetLifetime(sandbox.Handle, lifetime);
            return true;
        }
        catch (IOException)
        {
            // It has ended: by its launcher's clock, or by the host.
            return false;
        }
    }

    private void Do(Func<Task> work)
    {
        lock (_gate)
        {
            _work = Task.WhenAll(_work.IsCompleted ? Task.CompletedTask : _work, Task.Run(() => GuardAsync(work)));
        }
    }

    private async Task GuardAsync(Func<Task> work)
    {
        try
        {
            await work().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // The remains of a sandbox are an orphan for the next recovery.
            _parts.Log.BackgroundFailed("preparing a sandbox", e);
        }
    }
}
