namespace Agb.Store;

/// <summary>What members an archive may have. Every refusal names the member.</summary>
/// <param name="archive">The archive's path, for messages.</param>
/// <param name="isOwn">Whether an upload of a mount made it.</param>
/// <param name="archiveBytes">The archive's size.</param>
/// <param name="limits">How much may be made of it; null for what it is.</param>
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
    /// <returns>Where it goes, relative to the unpack directory; empty for that directory itself.</returns>
    /// <exception cref="AgbException">InvalidArchive.</exception>
    internal string Admit(ArchiveMember member)
    {
        if (++_members > _limits.MaxMembers)
        {
            throw Refuse(member, $"is one of more than {_limits.MaxMembers}");
        }
        var path = PathOf(member, member.Name);
        if (path.Length == 0)
        {
            return member.Kind == MemberKind.Directory ? path : throw Refuse(member, "has no name");
        }
        for (var above = Raw.DirectoryOf(path); above.Length > 0; above = Raw.DirectoryOf(above))
        {
            if (_seen.TryGetValue(above, out var kind) && kind != MemberKind.Directory)
            {
                throw Refuse(member, "lies below a member that is no directory");
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
                throw Refuse(member, "is a device node or something else that archives are not unpacked with");
            case MemberKind.HardLink:
                _ = HardLinkTarget(member);
                break;
            default:
                break;
        }
        return path;
    }

    /// <summary>The file that a hard link names; an earlier member.</summary>
    internal string HardLinkTarget(ArchiveMember member)
    {
        var target = PathOf(member, member.Target);
        return _seen.TryGetValue(target, out var kind) && kind == MemberKind.File
            ? target
            : throw Refuse(member, $"is a link to '{Raw.ToDisplay(member.Target)}', which is no file before it in the archive");
    }

    /// <summary>Counts content as it is unpacked. Holes take no room, so they may be any number of times as large as the archive.</summary>
    internal void Count(ArchiveMember member, int bytes, bool isHole = false)
    {
        _holes += isHole ? bytes : 0;
        if (Excess(_bytes += bytes, _holes) is { } what)
        {
            throw Refuse(member, "makes the content " + what);
        }
    }

    /// <summary>Counts what comes out of a compressed archive, be it content or not.</summary>
    internal void CountUnzipped(int bytes)
    {
        if (Excess(_unzipped += bytes, 0) is { } what)
        {
            throw ArchiveErrors.Invalid(archive, "was not unpacked: it is " + what);
        }
    }

    /// <summary>Notes what a member makes, be it itself or a directory above it.</summary>
    private bool TryAdd(ArchiveMember member, string path, MemberKind kind)
    {
        if (!_seen.TryAdd(path, kind))
        {
            return false;
        }
        if (_seen.Count > _limits.MaxMembers)
        {
            throw Refuse(member, $"makes more than {_limits.MaxMembers} files and directories");
        }
        return (_pathBytes += path.Length) <= _limits.MaxPathBytes
            ? true
            : throw Refuse(member, $"makes the paths of all members longer than {_limits.MaxPathBytes} bytes");
    }

    private string? Excess(long bytes, long holes) =>
        bytes > _limits.MaxBytes ? $"larger than {_limits.MaxBytes} bytes when it is unpacked"
        : bytes - holes > _limits.RatioFrom && (bytes - holes) / _limits.MaxRatio > archiveBytes
            ? $"more than {_limits.MaxRatio} times as large as the archive, as no honest one is"
        : null;

    /// <summary>The permissions that a member gets: without set-id and sticky bits when a user's archive says them.</summary>
    internal uint PermissionsOf(ArchiveMember member) =>
        (member.Permissions ?? (member.Kind == MemberKind.Directory ? 0x1EDu : 0x1A4u)) & (isOwn ? 0xFFFu : 0x1FFu);

    private string PathOf(ArchiveMember member, string name)
    {
        if (name.StartsWith('/'))
        {
            throw Refuse(member, "has an absolute name");
        }
        var names = Raw.Split(name);
        if (names.Contains(".."))
        {
            throw Refuse(member, "has a name with '..', which leads out of the folder");
        }
        if (name.Contains('\0') || names.Any(n => n.Length > LinuxPath.MaxNameBytes) || (!isOwn && name.Length > LinuxPath.MaxPathBytes) || names.Length > TreeDepth.Max)
        {
            throw Refuse(member, "has a name that is too long, too deep, or holds a NUL character");
        }
        return string.Join('/', names.Where(n => n != "."));
    }

    /// <summary>A link's steps up must come first in it and stay inside. The directories above a link are real ones, and what
    /// follows only goes down, through links that are inside themselves: so it can't lead out.</summary>
    private void RequireInside(ArchiveMember member, string path)
    {
        var names = Raw.Split(member.Target).Where(n => n != ".").ToArray();
        var up = names.TakeWhile(n => n == "..").Count();
        if (member.Target.Length == 0 || member.Target[0] == '/' || names.Skip(up).Contains("..") || up > Raw.Split(path).Length - 1)
        {
            throw Refuse(member, $"is a link to '{Raw.ToDisplay(member.Target)}', which leads out of the folder");
        }
    }

    private AgbException Refuse(ArchiveMember member, string what) => ArchiveErrors.Member(archive, member.Name, what);
}
