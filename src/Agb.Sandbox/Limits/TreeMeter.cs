using System.Runtime.InteropServices;

namespace Agb.Sandbox;

/// <summary>Measures one tree written by a session, with few descriptors at any depth.</summary>
internal sealed class TreeMeter : IDisposable
{
    /// <summary>The size of an unmeasurable tree, nested too deep to be stored, or closed again and again during the walk: more
    /// than any limit, and still safe to add to.</summary>
    public const long Unmeasurable = long.MaxValue / 4;

    /// <summary>The maximum number of descriptors open at once.</summary>
    public const int MostDescriptors = Near + (TreeDepth.Max / Step) + 2;

    // The cost of an entry in addition to its content, for an inode and a name: a session can't fill the disk with empty files.
    private const long EntryBytes = 1024;

    private const int BlockBytes = 512;

    // On the path to the current directory, the last Near directories stay open, and every Step'th one above them. The others
    // are opened again from there.
    private const int Near = 16;
    private const int Step = 32;

    private const int MostTries = 5;

    private readonly List<Level> _way = [];
    private readonly Action? _listed;
    private long _total;

    private TreeMeter(Fd root, Action? listed)
    {
        _way.Add(new Level("", root, []));
        _listed = listed;
    }

    /// <summary>Measures a tree.</summary>
    /// <param name="root">The root; the caller closes it.</param>
    /// <param name="listed">Called after the listing of each directory, while it is open.</param>
    /// <returns>The bytes, or <see cref="Unmeasurable"/>.</returns>
    public static long Measure(Fd root, Action? listed = null)
    {
        using var meter = new TreeMeter(root, listed);
        return meter.TryMeasure() ? meter._total : Unmeasurable;
    }

    /// <inheritdoc/>
    public void Dispose() => Cut(1);

    private bool TryMeasure()
    {
        if (!TryList(_way[0]))
        {
            return false;
        }
        while (_way.Count > 0)
        {
            if (!_way[^1].Left.TryPop(out var name))
            {
                if (_way.Count == 1)
                {
                    return true;
                }
                Cut(_way.Count - 1);
                continue;
            }
            if (_way.Count > TreeDepth.Max)
            {
                return false;
            }
            try
            {
                if (TryReopen() is not { } parent)
                {
                    continue;
                }
                Push(name, parent.OpenDirectoryAt(name));
                if (!TryList(_way[^1]))
                {
                    return false;
                }
            }
            catch (PosixException e) when (Errno.IsGone(e.Errno))
            {
                // Removed or replaced since it was listed.
            }
            catch (PosixException e) when (e.Errno == Errno.EACCES)
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>Counts the entries of a directory.</summary>
    /// <returns>False if it was closed to its owner at each try.</returns>
    private bool TryList(Level level)
    {
        var directory = level.Directory!;
        foreach (var name in DirectoryReader.Names(directory))
        {
            for (var tries = 0; ; tries++)
            {
                if (Posix.StatX(directory.Number, BytePath.Z(name), Posix.AT_SYMLINK_NOFOLLOW, Posix.STATX_BASIC_STATS, out var stat) == 0)
                {
                    _total += EntryBytes + (stat.Blocks * BlockBytes);
                    if ((stat.Mode & Posix.S_IFMT) == Posix.S_IFDIR)
                    {
                        level.Left.Push(name);
                    }
                    break;
                }
                var errno = Marshal.GetLastPInvokeError();
                if (Errno.IsGone(errno))
                {
                    break;
                }
                if (errno != Errno.EACCES)
                {
                    throw new PosixException("stat", BytePath.Join(directory.Path, name), errno);
                }
                // Closed again since the open, by the session or by the end of another access.
                if (tries == MostTries || !directory.WidenSearch())
                {
                    return false;
                }
            }
        }
        _listed?.Invoke();
        return true;
    }

    /// <summary>Opens the last directory of the path again, if it was closed.</summary>
    /// <returns>Null if it is gone; the path then ends before it.</returns>
    private Fd? TryReopen()
    {
        var last = _way.Count - 1;
        var from = _way.FindLastIndex(l => l.Directory is not null);
        for (var i = from + 1; i <= last; i++)
        {
            try
            {
                _way[i].Directory = _way[i - 1].Directory!.OpenDirectoryAt(_way[i].Name);
            }
            catch (PosixException e) when (Errno.IsGone(e.Errno))
            {
                Cut(i);
                return null;
            }
            if (i - 1 > from)
            {
                CloseUnlessKept(i - 1);
            }
        }
        return _way[last].Directory;
    }

    private void Push(string name, Fd directory)
    {
        _way.Add(new Level(name, directory, []));
        if (_way.Count > Near)
        {
            CloseUnlessKept(_way.Count - 1 - Near);
        }
    }

    private void CloseUnlessKept(int index)
    {
        if (index % Step != 0)
        {
            _way[index].Directory?.Dispose();
            _way[index].Directory = null;
        }
    }

    private void Cut(int length)
    {
        for (var i = _way.Count - 1; i >= length; i--)
        {
            _way[i].Directory?.Dispose();
            _way.RemoveAt(i);
        }
    }

    private sealed class Level(string name, Fd directory, Stack<string> left)
    {
        public string Name => name;

        public Fd? Directory { get; set; } = directory;

        public Stack<string> Left => left;
    }
}
