namespace Agb.Linux;

/// <summary>A file or directory that a session closed to its owner (<c>chmod 000</c>), opened up by an ordinary user's engine to get
/// at it. All in this process who are at it share one note of its permissions, and the last of them puts these back: a second
/// note would be of the widened ones, and the first to leave would close the door on the others.</summary>
/// <remarks>Another process has notes of its own, so a note is made only of permissions that were seen closed, which no widened ones
/// are, and they are put back only where nobody has set others since. So no process leaves anything open.</remarks>
internal sealed class OpenedUp
{
    private const uint Access = 0x1FF;

    private static readonly Dictionary<(ulong Device, ulong Inode), OpenedUp> s_all = [];
    private static int s_count;
    private static int s_changes;

    private readonly (ulong Device, ulong Inode) _inode;
    private uint _permissions;
    private uint _widened;
    private int _users;

    private OpenedUp(in FileStat closed)
    {
        _inode = (closed.Device, closed.Ino);
        _permissions = closed.Permissions;
        _widened = closed.Permissions;
    }

    /// <summary>Held over every change of permissions here, and by whoever must not see one in the making.</summary>
    internal static Lock Gate { get; } = new();

    /// <summary>Read before attributes are; <see cref="MayConcern"/> tells after it.</summary>
    internal static int Changes => Volatile.Read(ref s_changes);

    /// <summary>Whether permissions that were read since may be widened ones. Every note is counted before its permissions are widened,
    /// and until they are put back.</summary>
    internal static bool MayConcern(int changes) => Volatile.Read(ref s_count) != 0 || Volatile.Read(ref s_changes) != changes;

    /// <summary>Joins those who are at what a descriptor is of; null when it is not opened up.</summary>
    internal static OpenedUp? Join(int descriptor)
    {
        if (Volatile.Read(ref s_count) == 0)
        {
            return null;
        }
        lock (Gate)
        {
            return Join(Posix.Stat(descriptor, ""));
        }
    }

    /// <summary>Joins those who are at an entry, and opens it up, for the first time or again. The caller holds <see cref="Gate"/>.</summary>
    /// <param name="descriptor">Of the entry.</param>
    /// <param name="stat">Its attributes, as they are.</param>
    /// <param name="needed">The permissions of the owner that are needed; if one of them is missing it is opened up.</param>
    /// <param name="mine">The caller's note, if it has one.</param>
    /// <param name="path">For messages.</param>
    /// <returns>The caller's note; null when the entry is open and nobody here has opened it up.</returns>
    internal static OpenedUp? Widen(int descriptor, in FileStat stat, uint needed, OpenedUp? mine, string path)
    {
        var note = mine ?? Join(stat);
        if ((stat.Permissions & needed) == needed)
        {
            return note;
        }
        if (note is null)
        {
            note = new OpenedUp(stat) { _users = 1 };
            s_all.Add(note._inode, note);
            Interlocked.Increment(ref s_changes);
            Interlocked.Increment(ref s_count);
        }
        // Seen closed: by the session, if there was a note already.
        note._permissions = stat.Permissions;
        if (!Posix.TryChmod(descriptor, stat.Permissions | (stat.Kind == EntryKind.Directory ? 0x1C0u : 0x100u)))
        {
            var error = PosixException.Last("chmod", path);
            if (mine is null)
            {
                note.Leave(descriptor);
            }
            throw error;
        }
        // As it is now: the kernel may have taken a set-id bit away (chmod(2)).
        note._widened = Posix.Stat(descriptor, path).Permissions;
        return note;
    }

    /// <summary>Attributes with the permissions that an entry has when nobody here is at it. The caller holds <see cref="Gate"/>.</summary>
    internal static FileStat AsLeft(in FileStat stat) =>
        s_all.TryGetValue((stat.Device, stat.Ino), out var note) && note.IsAsWidened(stat)
            ? stat with { Mode = (stat.Mode & ~0xFFFu) | note._permissions }
            : stat;

    /// <summary>An entry gets other permissions for good. The caller holds <see cref="Gate"/>.</summary>
    internal static void Change(in FileStat stat, uint permissions)
    {
        if (s_all.TryGetValue((stat.Device, stat.Ino), out var note))
        {
            note._permissions = permissions;
        }
    }

    /// <summary>Ends being at it; the last puts the permissions back.</summary>
    /// <param name="descriptor">Of the entry.</param>
    /// <returns>Whether that could be done.</returns>
    internal bool Leave(int descriptor)
    {
        lock (Gate)
        {
            if (--_users > 0)
            {
                return true;
            }
            s_all.Remove(_inode);
            var isRestored = TryRestore(descriptor);
            Interlocked.Increment(ref s_changes);
            Interlocked.Decrement(ref s_count);
            return isRestored;
        }
    }

    private static OpenedUp? Join(in FileStat stat)
    {
        if (!s_all.TryGetValue((stat.Device, stat.Ino), out var note))
        {
            return null;
        }
        note._users++;
        return note;
    }

    private bool TryRestore(int descriptor)
    {
        if (!Posix.TryStat(descriptor, out var stat))
        {
            return false;
        }
        if (!IsAsWidened(stat))
        {
            return true;
        }
        // Bits that were lost meanwhile, as a write to a set-id file loses one, are not given back.
        var special = stat.Permissions == _widened ? _permissions : stat.Permissions;
        return Posix.TryChmod(descriptor, (_permissions & Access) | (special & ~Access));
    }

    private bool IsAsWidened(in FileStat stat) => ((stat.Permissions ^ _widened) & Access) == 0;
}
