namespace Agb.Linux;

/// <summary>Temporary access to an entry closed by a session to its owner (<c>chmod 000</c>), for an ordinary user's engine.
/// Reference-counted per inode: the last user restores the permissions. A second record of the inode would hold the widened
/// permissions, and the restore of the first would end the access of the second.</summary>
/// <remarks>Each process keeps separate records. So a record is made only of permissions seen closed, never of widened ones,
/// and they are restored only if unchanged since. No process leaves an entry open.</remarks>
internal sealed class TemporaryAccess
{
    private static readonly Dictionary<(ulong Device, ulong Inode), TemporaryAccess> s_all = [];
    private static int s_count;
    private static int s_changes;

    private readonly (ulong Device, ulong Inode) _inode;
    private uint _permissions;
    private uint _widened;
    private int _users;

    private TemporaryAccess(in FileStat closed)
    {
        _inode = (closed.Device, closed.Ino);
        _permissions = closed.Permissions;
        _widened = closed.Permissions;
    }

    /// <summary>Held during every change of permissions here, and during reads in need of a stable state.</summary>
    internal static Lock Gate { get; } = new();

    /// <summary>The number of changes so far; read it before attributes, for <see cref="MayConcern"/>.</summary>
    internal static int Changes => Volatile.Read(ref s_changes);

    /// <summary>Whether permissions read since may be widened ones. A record is counted from before the widening until after
    /// the restore.</summary>
    internal static bool MayConcern(int changes) => Volatile.Read(ref s_count) != 0 || Volatile.Read(ref s_changes) != changes;

    /// <summary>Adds a user to the record of a descriptor's entry; null if there is no record.</summary>
    internal static TemporaryAccess? Join(int descriptor)
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

    /// <summary>Adds a user to an entry's record, and widens the permissions if needed, for the first time or again. The caller
    /// holds <see cref="Gate"/>.</summary>
    /// <param name="descriptor">A descriptor of the entry.</param>
    /// <param name="stat">Its current attributes.</param>
    /// <param name="needed">The needed permissions of the owner; if one is missing, they are widened.</param>
    /// <param name="mine">The caller's record, if it has one.</param>
    /// <param name="path">The path, for messages.</param>
    /// <returns>The caller's record; null if the entry is open and has no record.</returns>
    internal static TemporaryAccess? Widen(int descriptor, in FileStat stat, uint needed, TemporaryAccess? mine, string path)
    {
        var note = mine ?? Join(stat);
        if ((stat.Permissions & needed) == needed)
        {
            return note;
        }
        if (note is null)
        {
            note = new TemporaryAccess(stat) { _users = 1 };
            s_all.Add(note._inode, note);
            Interlocked.Increment(ref s_changes);
            Interlocked.Increment(ref s_count);
        }
        // Seen closed; if there was a record already, the session closed it again.
        note._permissions = stat.Permissions;
        if (!Posix.TryChmod(descriptor, stat.Permissions | (stat.Kind == EntryKind.Directory ? FileModes.OwnerAll : FileModes.OwnerRead)))
        {
            var error = PosixException.Last("chmod", path);
            if (mine is null)
            {
                note.Leave(descriptor);
            }
            throw error;
        }
        // Read again: the kernel may have cleared a set-id bit (chmod(2)).
        note._widened = Posix.Stat(descriptor, path).Permissions;
        return note;
    }

    /// <summary>Attributes with the recorded permissions in place of widened ones. The caller holds <see cref="Gate"/>.</summary>
    internal static FileStat AsLeft(in FileStat stat) =>
        s_all.TryGetValue((stat.Device, stat.Ino), out var note) && note.IsAsWidened(stat)
            ? stat with { Mode = (stat.Mode & ~FileModes.All) | note._permissions }
            : stat;

    /// <summary>Records a permanent change of permissions. The caller holds <see cref="Gate"/>.</summary>
    internal static void Change(in FileStat stat, uint permissions)
    {
        if (s_all.TryGetValue((stat.Device, stat.Ino), out var note))
        {
            note._permissions = permissions;
        }
    }

    /// <summary>Removes a user; the last one restores the permissions.</summary>
    /// <param name="descriptor">A descriptor of the entry.</param>
    /// <returns>False if the restore failed.</returns>
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

    private static TemporaryAccess? Join(in FileStat stat)
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
        // Special bits lost meanwhile stay lost, such as the set-id bit of a written file.
        var special = stat.Permissions == _widened ? _permissions : stat.Permissions;
        return Posix.TryChmod(descriptor, (_permissions & FileModes.Access) | (special & ~FileModes.Access));
    }

    private bool IsAsWidened(in FileStat stat) => ((stat.Permissions ^ _widened) & FileModes.Access) == 0;
}
