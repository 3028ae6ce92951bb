using System.Diagnostics;

namespace Agb.Sandbox;

/// <summary>Watches the limits of a session while one program runs in it.</summary>
internal sealed class LimitWatch
{
    // What a program may write while the session is over its disk limit: enough to delete files and to make room.
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
            // Counted from the limit, not from what is there: each program begins anew, and many would grow without end. A session that
            // is further over may only shrink: a program has the time that it takes to delete, but what it freed is not given back.
            _least = Math.Max(disk.Bytes, Math.Min(_used, disk.Bytes) + SlackBytes);
            // Of what can't be measured nobody sees that it doesn't grow.
            _allowed = _used >= TreeMeter.Unmeasurable / 2 ? _least : Math.Max(_least, _used);
        }
    }

    /// <summary>What the session may have on disk now.</summary>
    internal long Allowed => _allowed;

    /// <summary>How often to call <see cref="IsOver"/>; infinite when there is nothing to look at.</summary>
    public TimeSpan Interval => _controls.Disk is null ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(50);

    /// <summary>Whether the program shall be ended now. Cheap: it measures only when much was written on the device since the
    /// last time, or when that was long ago beside what it takes.</summary>
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

    /// <summary>Whether <see cref="IsOver"/> had the program ended.</summary>
    public bool HasEnded => _diskReached;

    /// <summary>The limit that was reached since the beginning, or null.</summary>
    /// <param name="exitCode">The program's exit code, if it is known: a shell whose last program was ended by a signal gives 128 and its number.</param>
    /// <param name="signal">The signal that ended the program, or null.</param>
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
        // Before the walk: what is written meanwhile counts as written after it.
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
