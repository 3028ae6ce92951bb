using System.Runtime.InteropServices;

namespace Agb.Store;

/// <summary>Checks whether this user may open a directory as an AGB home, before anything is written.</summary>
internal static class StoreHome
{
    /// <summary>Most bytes of a home's path: SQLite allows names of 512 with "-journal" after them (sqlite3PagerOpen).</summary>
    internal const int MostBytes = 512 - 8 - 11;

    private const int Writable = 2;
    private const uint OthersWrite = 2;

    /// <summary>Checks that opening or creating the directory locks no other user out.</summary>
    /// <exception cref="AgbException">AccessDenied: the home of another user. InvalidPath: its path is too long.</exception>
    internal static void Require(string home)
    {
        try
        {
            RequireLength(home, home);
            if (Find(home) is not { } stat)
            {
                RequireParent(home);
            }
            else if (stat.Kind != EntryKind.Directory)
            {
                throw AgbErrors.Invalid(AgbErrorIds.InvalidPath, $"The AGB home directory '{home}' is not a directory.", "Set AGB_HOME to a directory.", home);
            }
            else if (stat.Uid != Posix.Geteuid() && !IsReadOnly(home))
            {
                throw Foreign(home, $"The store '{home}' belongs to the user with the id {stat.Uid}", stat.Uid, "Run it as that user.");
            }
            else
            {
                RequireResolvedLength(home);
            }
        }
        catch (PosixException e)
        {
            throw e.ToAgbException($"looking at the AGB home directory '{home}'");
        }
    }

    /// <summary>Whether a directory is unwritable: a read-only file system, or no write permission for its owner.</summary>
    internal static bool IsReadOnly(string directory)
    {
        if (ProcessLibc.Access(directory, Writable) == 0)
        {
            return false;
        }
        return Marshal.GetLastPInvokeError() switch
        {
            Errno.EROFS => true,
            Errno.EACCES => Find(directory) is { } stat && stat.Uid == Posix.Geteuid(),
            _ => false,
        };
    }

    /// <summary>Checks the length of an existing directory's path without links, the form used by SQLite.</summary>
    /// <exception cref="AgbException">InvalidPath.</exception>
    internal static void RequireResolvedLength(string home) => RequireLength(home, HostPaths.ResolveLinks(home));

    private static void RequireLength(string home, string path)
    {
        if (System.Text.Encoding.UTF8.GetByteCount(path) is > MostBytes and var bytes)
        {
            throw AgbErrors.Invalid(
                AgbErrorIds.InvalidPath, $"The AGB home directory '{home}' has a path of {bytes} bytes; SQLite can use {MostBytes} at most.",
                "Set AGB_HOME to a directory with a shorter path.", home);
        }
    }

    /// <summary>Prevents root from creating a home in another user's directory, unusable for that user. A directory writable
    /// for everyone, such as /tmp, is shared by its nature.</summary>
    private static void RequireParent(string home)
    {
        if (Posix.Geteuid() != 0)
        {
            return;
        }
        var parent = home;
        FileStat? found = null;
        while (found is null && Path.GetDirectoryName(parent) is { } above)
        {
            parent = above;
            found = Find(parent);
        }
        if (found is { Uid: not 0 } stat && (stat.Permissions & OthersWrite) == 0)
        {
            throw Foreign(
                home, $"The AGB home directory '{home}' does not exist yet, and '{parent}' belongs to the user with the id {stat.Uid}", stat.Uid,
                $"Run it as that user, set AGB_HOME to a directory of root's, or create this directory for root first: mkdir -p -m 700 '{home}'.");
        }
    }

    private static AgbException Foreign(string home, string whose, uint owner, string remedy) => new(
        AgbErrorIds.AccessDenied, AgbErrorKind.PermissionDenied,
        $"{whose}; the user with the id {Posix.Geteuid()} would leave files there, unusable for the user {owner}.", remedy, home);

    private static FileStat? Find(string path)
    {
        if (Posix.StatX(Posix.AT_FDCWD, BytePath.Z(BytePath.FromText(path)), 0, Posix.STATX_BASIC_STATS, out var buffer) == 0)
        {
            return FileStat.From(buffer);
        }
        return Marshal.GetLastPInvokeError() is Errno.ENOENT or Errno.ENOTDIR
            ? null
            : throw PosixException.Last("stat", BytePath.FromText(path));
    }
}
