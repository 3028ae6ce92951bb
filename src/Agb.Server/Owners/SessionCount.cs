namespace Agb.Server;

/// <summary>Counts the sessions of one owner, including sessions in creation. Sessions can also expire, or be created directly in
/// the store by other programs, so the count is sometimes compared with the service's list.</summary>
internal sealed class SessionCount
{
    private readonly Lock _gate = new();
    private readonly HashSet<string> _sessions = new(StringComparer.Ordinal);
    private int _creating;
    private long _begun;
    private bool _isKnown;
    private long? _comparedAt;

    // Sessions that ended while a list is being read; null otherwise.
    private HashSet<string>? _ended;

    /// <summary>The number of sessions, including sessions in creation.</summary>
    internal int Value
    {
        get
        {
            lock (_gate)
            {
                return _sessions.Count + _creating;
            }
        }
    }

    /// <summary>Whether the count was compared with the service's list at least once.</summary>
    internal bool IsKnown => Volatile.Read(ref _isKnown);

    /// <summary>The time of the last comparison, as a time stamp of the server's clock; null for never. Writes: one thread at a time.</summary>
    internal long? ComparedAt
    {
        get
        {
            lock (_gate)
            {
                return _comparedAt;
            }
        }
        set
        {
            lock (_gate)
            {
                _comparedAt = value;
            }
        }
    }

    /// <summary>Counts a session in creation.</summary>
    internal void Begin()
    {
        lock (_gate)
        {
            _creating++;
            _begun++;
        }
    }

    /// <summary>Ends a creation.</summary>
    /// <param name="sessionId">The session; null after a failure.</param>
    internal void End(string? sessionId)
    {
        lock (_gate)
        {
            _creating--;
            if (sessionId is not null)
            {
                _sessions.Add(sessionId);
            }
        }
    }

    /// <summary>Removes a released session.</summary>
    internal void Ended(string sessionId)
    {
        lock (_gate)
        {
            _sessions.Remove(sessionId);
            _ended?.Add(sessionId);
        }
    }

    /// <summary>Compares the count with the service's list. One call at a time.</summary>
    internal async Task CompareAsync(IAgbService service, CancellationToken cancellationToken)
    {
        HashSet<string> before;
        long begun;
        bool isQuiet;
        lock (_gate)
        {
            before = new(_sessions, StringComparer.Ordinal);
            begun = _begun;
            isQuiet = _creating == 0;
            _ended = new(StringComparer.Ordinal);
        }
        try
        {
            var listed = await service.ListSessionsAsync(cancellationToken: cancellationToken)
                .Select(s => s.SessionId).ToHashSetAsync(StringComparer.Ordinal, cancellationToken).ConfigureAwait(false);
            lock (_gate)
            {
                _sessions.RemoveWhere(s => before.Contains(s) && !listed.Contains(s));
                // During a creation its session could be counted twice. All other new sessions come from other programs.
                if (isQuiet && begun == _begun)
                {
                    _sessions.UnionWith(listed.Except(_ended, StringComparer.Ordinal));
                    Volatile.Write(ref _isKnown, true);
                }
            }
        }
        finally
        {
            lock (_gate)
            {
                _ended = null;
            }
        }
    }
}
