using System.Runtime.InteropServices;

namespace Agb.Store;

/// <summary>Whether this user may open a directory as an AGB home. Every opener asks before it writes anything.</summary>
internal static class StoreHome
{
    /// <summary>The most bytes of a home's path: SQLite takes names of 512 with "-journal" after them (sqlite3PagerOpen).</summary>
    internal const int MostBytes = 512 - 8 - 11;

    private const int Writable = 2;
    private const uint OthersWrite = 2;

    /// <summary>Checks that opening the directory, or making it, locks no other user out.</summary>
    /// <exception cref="AgbException">AccessDenied: it is another user's. InvalidPath: its path is too long.</exception>
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

    /// <summary>Whether nothing can be written below a directory: its file system is read-only, or its owner has closed it to writes.</summary>
    internal static bool IsReadOnly(string directory)
    {
        if (ProcessLibc.Access(directory, Writable) == 0)
        {
            return false;
        }
        return Marshal.GetLastPInvokeError() switch
        {
            PosixException.EROFS => true,
            PosixException.EACCES => Find(directory) is { } stat && stat.Uid == Posix.Geteuid(),
            _ => false,
        };
    }

    /// <summary>Checks the path without links, which is what SQLite uses, of a directory that exists.</summary>
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

    /// <summary>Root makes no home in another user's directory: that user could not use what it never made. A directory that everyone may
    /// write to, such as /tmp, is shared by its nature.</summary>
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
                $"Run it as that user, set AGB_HOME to a directory of root's, or make this one first if it shall be root's: mkdir -p -m 700 '{home}'.");
        }
    }

    private static AgbException Foreign(string home, string whose, uint owner, string remedy) => new(
        AgbErrorIds.AccessDenied, AgbErrorKind.PermissionDenied,
        $"{whose}; the user with the id {Posix.Geteuid()} would leave files there that the user {owner} can't use.", remedy, home);

    private static FileStat? Find(string path)
    {
        if (Posix.StatX(Posix.AT_FDCWD, Raw.Z(Raw.FromText(path)), 0, Posix.STATX_BASIC_STATS, out var buffer) == 0)
        {
            return FileStat.From(buffer);
        }
        return Marshal.GetLastPInvokeError() is PosixException.ENOENT or PosixException.ENOTDIR
            ? null
            : throw PosixException.Last("stat", Raw.FromText(path));
    }
}
