namespace Agb.Server.Load;

/// <summary>The sessions of one owner that the server knows of, and those that are being created. A session can also end by itself, or be
/// made by a program that uses the store directly, so the count is compared with the service's list now and then.</summary>
internal sealed class SessionCount
{
    private readonly Lock _gate = new();
    private readonly HashSet<string> _sessions = new(StringComparer.Ordinal);
    private int _creating;
    private long _begun;
    private bool _isKnown;
    private long? _comparedAt;

    // Those that ended while a list is being read; null while none is.
    private HashSet<string>? _ended;

    /// <summary>How many there are, with those that are being created.</summary>
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

    /// <summary>Whether the count was ever compared with the service's list.</summary>
    internal bool IsKnown
    {
        get
        {
            lock (_gate)
            {
                return _isKnown;
            }
        }
    }

    /// <summary>When it was compared last, as a time stamp of the server's clock; null for never. Used by one thread at a time, but for reading.</summary>
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

    /// <summary>A session is being created.</summary>
    internal void Begin()
    {
        lock (_gate)
        {
            _creating++;
            _begun++;
        }
    }

    /// <summary>A creation has ended.</summary>
    /// <param name="sessionId">The session; null when there is none.</param>
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

    /// <summary>A session was released.</summary>
    internal void Ended(string sessionId)
    {
        lock (_gate)
        {
            _sessions.Remove(sessionId);
            _ended?.Add(sessionId);
        }
    }

    /// <summary>Compares with what the service lists. Not to be called twice at a time.</summary>
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
                // Otherwise one that is being created would be counted twice. Whatever else is listed was made elsewhere.
                if (isQuiet && begun == _begun)
                {
                    _sessions.UnionWith(listed.Except(_ended, StringComparer.Ordinal));
                    _isKnown = true;
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
