namespace Agb.Store;

/// <summary>A copied entry.</summary>
/// <param name="Source">The source's attributes before the copy.</param>
/// <param name="IsSteady">Whether the source stayed unchanged during the copy.</param>
internal readonly record struct CopiedEntry(FileStat Source, bool IsSteady);

/// <summary>Copies one file, symlink or FIFO with its attributes: mode, time, extended attributes, holes.</summary>
internal static class EntryCopier
{
    /// <summary>Copies an entry to a new name.</summary>
    /// <param name="from">The source's directory.</param>
    /// <param name="name">The source's name.</param>
    /// <param name="kind">Kind of the source in its listing.</param>
    /// <param name="to">The target's directory.</param>
    /// <param name="toName">The target's name.</param>
    /// <param name="copied">Receives the copied bytes of a file, or null.</param>
    internal static CopiedEntry Copy(Fd from, string name, EntryKind kind, Fd to, string toName, Action<long>? copied = null)
    {
        if (kind == EntryKind.File)
        {
            return CopyFile(from, name, to, toName, copied);
        }
        var stat = from.StatAt(name);
        if (stat.Kind != kind)
        {
            throw new PosixException("open", BytePath.Join(from.Path, name), Errno.ENOENT);
        }
        if (kind == EntryKind.Symlink)
        {
            to.SymlinkAt(from.ReadLinkAt(name), toName);
        }
        else
        {
            to.MkfifoAt(toName);
            to.ChmodAt(toName, stat.Permissions);
        }
        SessionOwner.ChownToSession(to, toName);
        to.SetMtimeAt(toName, stat.MtimeNs);
        return new CopiedEntry(stat, IsSteady: true);
    }

    /// <summary>Creates a directory with the extended attributes of another. Mode and time are set after its content, because
    /// new entries change the time and may need more permissions.</summary>
    internal static Fd MakeDirectory(Fd source, Fd to, string name)
    {
        to.MkdirAt(name);
        var made = to.OpenDirectoryAt(name);
        try
        {
            Xattrs.Copy(source, made);
            SessionOwner.ChownToSession(made);
            return made;
        }
        catch
        {
            made.Dispose();
            throw;
        }
    }

    /// <summary>Sets mode and time of a filled directory.</summary>
    internal static void FinishDirectory(Fd directory, FileStat stat)
    {
        directory.Chmod(stat.Permissions);
        directory.SetMtime(stat.MtimeNs);
    }

    /// <summary>Copies an entry of a merged directory to a new name.</summary>
    internal static CopiedEntry Copy(MergedDirectory from, string name, EntryKind kind, Fd to, string toName, Action<long>? copied = null)
    {
        if (kind != EntryKind.File || from.LargeIdOf(name) is null)
        {
            return Copy(from.HolderOf(name), name, kind, to, toName, copied);
        }
        using var source = from.OpenRead(name);
        return CopyOpened(source, to, toName, copied);
    }

    private static CopiedEntry CopyFile(Fd from, string name, Fd to, string toName, Action<long>? copied)
    {
        CopiedEntry entry;
        bool isWidened;
        using (var source = from.OpenReadAt(name))
        {
            isWidened = source.IsWidened;
            entry = CopyOpened(source, to, toName, copied);
        }
        if (isWidened && from.TryStatAt(name) is { } closed && closed.Ino == entry.Source.Ino && closed.MtimeNs == entry.Source.MtimeNs)
        {
            // The temporary access changed the change time; the session did not.
            entry = entry with { Source = entry.Source with { CtimeNs = closed.CtimeNs } };
        }
        return entry;
    }

    private static CopiedEntry CopyOpened(Fd source, Fd to, string toName, Action<long>? copied)
    {
        var before = source.Stat();
        if (before.Kind != EntryKind.File)
        {
            throw new PosixException("open", source.Path, Errno.ENOENT);
        }
        using var target = to.CreateAt(toName);
        FileCopier.Copy(source, target, before.Size, copied);
        FileCopier.CopyAttributes(source, target, before);
        var after = source.Stat();
        return new CopiedEntry(before, after.CtimeNs == before.CtimeNs && after.Size == before.Size);
    }
}
