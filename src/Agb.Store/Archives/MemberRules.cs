namespace Agb.Store;

/// <summary>Rules for the members of an archive. Every refusal names the member.</summary>
/// <param name="archive">The archive's path, for messages.</param>
/// <param name="isOwn">Whether the archive was made by an upload of a mount.</param>
/// <param name="archiveBytes">The archive's size.</param>
/// <param name="limits">The limits; null for the ones of the archive's kind.</param>
internal sealed class MemberRules(string archive, bool isOwn, long archiveBytes, UnpackLimits? limits = null)
{
    private readonly UnpackLimits _limits = limits ?? (isOwn ? UnpackLimits.OfMounts : UnpackLimits.OfUsers);
    private readonly Dictionary<string, MemberKind> _seen = new(StringComparer.Ordinal);
    private long _bytes;
    private long _holes;
    private long _unzipped;
    private long _pathBytes;
    private int _members;

    /// <summary>Checks a member.</summary>
    /// <returns>Target path, relative to the unpack directory; empty for that directory itself.</returns>
    /// <exception cref="AgbException">InvalidArchive.</exception>
    internal string Admit(ArchiveMember member)
    {
        if (++_members > _limits.MaxMembers)
        {
            throw Refuse(member, $"exceeds the limit of {_limits.MaxMembers} members");
        }
        var path = PathOf(member, member.Name);
        if (path.Length == 0)
        {
            return member.Kind == MemberKind.Directory ? path : throw Refuse(member, "has no name");
        }
        for (var above = BytePath.DirectoryOf(path); above.Length > 0; above = BytePath.DirectoryOf(above))
        {
            if (_seen.TryGetValue(above, out var kind) && kind != MemberKind.Directory)
            {
                throw Refuse(member, "lies below a member of another kind than a directory");
            }
            if (!TryAdd(member, above, MemberKind.Directory))
            {
                break;
            }
        }
        if (!TryAdd(member, path, member.Kind) && (member.Kind != MemberKind.Directory || _seen[path] != MemberKind.Directory))
        {
            throw Refuse(member, "is there twice");
        }
        switch (member.Kind)
        {
            case MemberKind.Symlink when !isOwn:
                RequireInside(member, path);
                break;
            case MemberKind.Fifo when !isOwn:
            case MemberKind.Other:
                throw Refuse(member, "is a device node or another kind that is never unpacked");
            case MemberKind.HardLink:
                _ = HardLinkTarget(member);
                break;
            default:
                break;
        }
        return path;
    }

    /// <summary>The target file of a hard link, an earlier member.</summary>
    internal string HardLinkTarget(ArchiveMember member)
    {
        var target = PathOf(member, member.Target);
        return _seen.TryGetValue(target, out var kind) && kind == MemberKind.File
            ? target
            : throw Refuse(member, $"is a hard link to '{BytePath.ToDisplay(member.Target)}', not an earlier file of the archive");
    }

    /// <summary>Counts unpacked content. Holes take no room: the ratio ignores them.</summary>
    internal void Count(ArchiveMember member, int bytes, bool isHole = false)
    {
        _holes += isHole ? bytes : 0;
        if (Excess(_bytes += bytes, _holes) is { } what)
        {
            throw Refuse(member, "makes the content " + what);
        }
    }

    /// <summary>Counts decompressed bytes of an archive, content or not.</summary>
    internal void CountUnzipped(int bytes)
    {
        if (Excess(_unzipped += bytes, 0) is { } what)
        {
            throw ArchiveErrors.Invalid(archive, "was not unpacked: it is " + what);
        }
    }

    /// <summary>Records a resulting path: of the member itself or of a directory above it.</summary>
    private bool TryAdd(ArchiveMember member, string path, MemberKind kind)
    {
        if (!_seen.TryAdd(path, kind))
        {
            return false;
        }
        if (_seen.Count > _limits.MaxMembers)
        {
            throw Refuse(member, $"exceeds the limit of {_limits.MaxMembers} files and directories");
        }
        return (_pathBytes += path.Length) <= _limits.MaxPathBytes
            ? true
            : throw Refuse(member, $"exceeds the limit of {_limits.MaxPathBytes} bytes for all paths together");
    }

    private string? Excess(long bytes, long holes) =>
        bytes > _limits.MaxBytes ? $"larger than {_limits.MaxBytes} bytes after unpacking"
        : bytes - holes > _limits.RatioFrom && (bytes - holes) / _limits.MaxRatio > archiveBytes
            ? $"more than {_limits.MaxRatio} times as large as the archive: possible zip bomb"
        : null;

    /// <summary>The permissions of an unpacked member; no set-id and sticky bits from a user's archive.</summary>
    internal uint PermissionsOf(ArchiveMember member) =>
        (member.Permissions ?? (member.Kind == MemberKind.Directory ? FileModes.PublicDirectory : FileModes.PublicFile)) & (isOwn ? FileModes.All : FileModes.Access);

    private string PathOf(ArchiveMember member, string name)
    {
        if (name.StartsWith('/'))
        {
            throw Refuse(member, "has an absolute name");
        }
        var names = BytePath.Split(name);
        if (names.Contains(".."))
        {
            throw Refuse(member, "has '..' in its name");
        }
        if (name.Contains('\0') || names.Any(n => n.Length > LinuxPath.MaxNameBytes) || (!isOwn && name.Length > LinuxPath.MaxPathBytes) || names.Length > TreeDepth.Max)
        {
            throw Refuse(member, "has an invalid name: too long, too deep, or with a NUL character");
        }
        return string.Join('/', names.Where(n => n != "."));
    }

    /// <summary>Requires a link's steps up to come first, and to stay inside. The directories above a link are real, and the
    /// rest of the target only goes down, through equally restricted links: no way out.</summary>
    private void RequireInside(ArchiveMember member, string path)
    {
        var names = BytePath.Split(member.Target).Where(n => n != ".").ToArray();
        var up = names.TakeWhile(n => n == "..").Count();
        if (member.Target.Length == 0 || member.Target[0] == '/' || names.Skip(up).Contains("..") || up > BytePath.Split(path).Length - 1)
        {
            throw Refuse(member, $"is a link to '{BytePath.ToDisplay(member.Target)}', possibly outside the folder");
        }
    }

    private AgbException Refuse(ArchiveMember member, string what) => ArchiveErrors.Member(archive, member.Name, what);
}
