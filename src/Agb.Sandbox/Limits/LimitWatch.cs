namespace Agb.Sandbox;

/// <summary>Watches the limits of a session while one program runs in it.</summary>
internal sealed class LimitWatch
{
    // The bytes allowed to a program in a session over its disk limit: enough to delete files and make room.
    private const long SlackBytes = 64 * 1024;

    private static readonly TimeSpan s_leastPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_mostPause = TimeSpan.FromSeconds(30);

    private readonly SandboxHandle _handle;
    private readonly SandboxControls _controls;
    private readonly long[] _before;
    private readonly long _least;
    private bool _diskReached;
    private long _allowed;
    private long _measuredAt;
    private long _freeThen;
    private long _used;
    private TimeSpan _pause;

    /// <summary>Begins to watch.</summary>
    public LimitWatch(SandboxHandle handle)
    {
        _handle = handle;
        _controls = handle.Controls ?? SandboxControls.None;
        _before = [.. _controls.Counters.Select(c => SessionControlGroups.ReadCounter(c.File, c.Key))];
        if (_controls.Disk is { } disk)
        {
            Measure(disk);
            // Counted from the limit, not from the current usage: each program starts from zero, and many would grow without
            // end. A session further over the limit may only shrink: a program gets the time to delete, but freed space is not
            // given back.
            _least = Math.Max(disk.Bytes, Math.Min(_used, disk.Bytes) + SlackBytes);
            // The growth of an unmeasurable tree can't be seen.
            _allowed = _used >= TreeMeter.Unmeasurable / 2 ? _least : Math.Max(_least, _used);
        }
    }

    /// <summary>The bytes allowed on disk now.</summary>
    internal long Allowed => _allowed;

    /// <summary>The interval between calls of <see cref="IsOver"/>; infinite without a disk limit.</summary>
    public TimeSpan Interval => _controls.Disk is null ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(50);

    /// <summary>Whether to end the program now. Cheap: it measures only after many writes on the device, or after a pause much
    /// longer than a measurement.</summary>
    public bool IsOver()
    {
        if (_controls.Disk is not { } disk || _diskReached)
        {
            return _diskReached;
        }
        var written = _freeThen - Free(disk.SessionDirectory);
        if (written < Math.Max(SlackBytes, (_allowed - _used) / 2) && Stopwatch.GetElapsedTime(_measuredAt) < _pause)
        {
            return false;
        }
        Measure(disk);
        return _diskReached = _used > _allowed;
    }

    /// <summary>Whether <see cref="IsOver"/> has returned true.</summary>
    public bool HasEnded => _diskReached;

    /// <summary>The limit reached since the beginning, or null.</summary>
    /// <param name="exitCode">The program's exit code, if known: a shell reports the fatal signal of its last program as 128
    /// plus its number.</param>
    /// <param name="signal">The program's fatal signal, or null.</param>
    public AgbLimitKind? Reached(int? exitCode = null, int? signal = null)
    {
        if (_diskReached || (_controls.Disk is not null && (signal == PidFd.SIGXFSZ || exitCode == 128 + PidFd.SIGXFSZ)))
        {
            return AgbLimitKind.Disk;
        }
        for (var i = 0; i < _before.Length; i++)
        {
            if (SessionControlGroups.ReadCounter(_controls.Counters[i].File, _controls.Counters[i].Key) > _before[i])
            {
                return _controls.Counters[i].Limit;
            }
        }
        return null;
    }

    /// <summary>Whether a session is over its disk limit at this moment.</summary>
    public static bool IsOverDisk(SandboxHandle handle) => handle.Controls?.Disk is { } disk && Used(handle, disk) > disk.Bytes;

    private void Measure(DiskQuota disk)
    {
        // Before the walk: writes during the walk count as later ones.
        _freeThen = Free(disk.SessionDirectory);
        var start = Stopwatch.GetTimestamp();
        _used = Used(_handle, disk);
        var took = Stopwatch.GetElapsedTime(start) * 20;
        _pause = took < s_leastPause ? s_leastPause : took > s_mostPause ? s_mostPause : took;
        _measuredAt = Stopwatch.GetTimestamp();
        _allowed = Math.Max(_least, Math.Min(_allowed, _used));
    }

    private static long Used(SandboxHandle handle, DiskQuota disk) =>
        DiskMeter.Measure(disk.SessionDirectory) - disk.Before + DiskMeter.MeasureDeleted(handle.InitPid);

    private static long Free(string directory)
    {
        try
        {
            return new DriveInfo(directory).AvailableFreeSpace;
        }
        catch (IOException)
        {
            // The session is being removed.
            return 0;
        }
    }
}
