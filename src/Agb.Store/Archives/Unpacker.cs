using System.IO.Compression;

namespace Agb.Store;

/// <summary>An archive to unpack.</summary>
/// <param name="Path">Its path, raw, for messages.</param>
/// <param name="Format">Its format.</param>
/// <param name="File">The open archive.</param>
/// <param name="IsOwn">Whether an upload of a mount made it: links may then lead anywhere, and FIFOs and all mode bits are kept, as
/// in the mount.</param>
internal readonly record struct PackedArchive(string Path, ArchiveFormat Format, Fd File, bool IsOwn);

/// <summary>Unpacks one archive into an empty directory. The archive is not trusted: names stay inside, links are made last and
/// never followed, sizes are counted during unpacking.</summary>
internal sealed class Unpacker
{
    private const int BlockSize = 128 * 1024;

    private readonly MemberRules _rules;
    private readonly Func<string, bool> _wanted;
    private readonly DirectoryCursor _target;
    private readonly List<(string Path, ArchiveMember Member)> _directories = [];
    private readonly List<(string Path, ArchiveMember Member)> _links = [];
    private readonly byte[] _block = new byte[BlockSize];

    private Unpacker(MemberRules rules, Fd target, Func<string, bool> wanted)
    {
        _rules = rules;
        _wanted = wanted;
        _target = new DirectoryCursor(target, MakeDirectory);
    }

    /// <summary>Unpacks an archive.</summary>
    /// <param name="archive">The archive.</param>
    /// <param name="target">An empty directory; after an error the caller removes its content.</param>
    /// <param name="wanted">Filter of paths; null for all. Excluded members are still checked.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="AgbException">InvalidArchive.</exception>
    internal static void Unpack(PackedArchive archive, Fd target, Func<string, bool>? wanted, CancellationToken cancellationToken)
    {
        using var stream = FdStream.OpenRead(archive.File);
        var rules = new MemberRules(archive.Path, archive.IsOwn, stream.Length);
        var unpacker = new Unpacker(rules, target, wanted ?? (_ => true));
        try
        {
            if (stream.Length == 0)
            {
                throw new InvalidDataException("It is empty.");
            }
            using var unzipped = archive.Format == ArchiveFormat.TarGzip
                ? new CountedStream(new GZipStream(stream, CompressionMode.Decompress, leaveOpen: true), rules.CountUnzipped)
                : null;
            unpacker.Unpack(
                archive.Format == ArchiveFormat.Zip ? ZipReader.Read(stream) : TarMembers.Read((Stream?)unzipped ?? stream), cancellationToken);
        }
        catch (Exception e) when (ArchiveErrors.IsDamage(e))
        {
            throw ArchiveErrors.Damaged(archive.Path, e);
        }
        finally
        {
            unpacker._target.Dispose();
        }
    }

    private void Unpack(IEnumerable<ArchiveMember> members, CancellationToken cancellationToken)
    {
        foreach (var member in members)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var path = _rules.Admit(member);
            if (path.Length == 0)
            {
                continue;
            }
            switch (member.Kind)
            {
                case MemberKind.Directory:
                    if (_wanted(path))
                    {
                        _target.At(path);
                        _directories.Add((path, member));
                    }
                    break;
                case MemberKind.File:
                    WriteFile(path, member, _wanted(path), cancellationToken);
                    break;
                default:
                    _links.Add((path, member));
                    break;
            }
        }
        foreach (var (path, member) in _links.Where(l => _wanted(l.Path)))
        {
            WriteLink(path, member);
        }
        foreach (var (path, member) in _directories.AsEnumerable().Reverse())
        {
            var directory = _target.At(path);
            Xattrs.Set(directory, member.Attributes);
            directory.Chmod(_rules.PermissionsOf(member));
            directory.SetMtime(member.MtimeNs);
            _target.Forget(path);
        }
    }

    private void WriteFile(string path, ArchiveMember member, bool isWanted, CancellationToken cancellationToken)
    {
        using var file = isWanted ? _target.At(BytePath.DirectoryOf(path)).CreateAt(BytePath.NameOf(path)) : null;
        using (var stream = file is null ? null : FdStream.OpenWrite(file, bufferSize: 0))
        {
            for (int read; (read = member.Content.Read(_block, 0, _block.Length)) > 0;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                _rules.Count(member, read, member.Content is ReadStream { IsHole: true });
                Write(stream, read);
            }
            stream?.SetLength(stream.Position);
        }
        if (file is not null)
        {
            Xattrs.Set(file, member.Attributes);
            SessionOwner.ChownToSession(file);
            file.Chmod(_rules.PermissionsOf(member));
            file.SetMtime(member.MtimeNs);
        }
    }

    /// <summary>Writes the block; an all-zero block becomes a hole, because the zeros of a disk
    /// image would fill this disk.</summary>
    private void Write(FileStream? stream, int length)
    {
        if (_block.AsSpan(0, length).ContainsAnyExcept((byte)0))
        {
            stream?.Write(_block, 0, length);
        }
        else
        {
            stream?.Seek(length, SeekOrigin.Current);
        }
    }

    private void WriteLink(string path, ArchiveMember member)
    {
        var (parent, name) = (_target.At(BytePath.DirectoryOf(path)), BytePath.NameOf(path));
        if (member.Kind == MemberKind.HardLink)
        {
            var target = _rules.HardLinkTarget(member);
            // The cursor closes earlier directories, so the source's directory is opened separately.
            using var source = _target.At(BytePath.DirectoryOf(target)).OpenDirectoryAt(".");
            if (!source.TryLinkAt(BytePath.NameOf(target), _target.At(BytePath.DirectoryOf(path)), name))
            {
                EntryCopier.Copy(source, BytePath.NameOf(target), EntryKind.File, _target.At(BytePath.DirectoryOf(path)), name);
            }
            return;
        }
        if (member.Kind == MemberKind.Symlink)
        {
            parent.SymlinkAt(member.Target, name);
        }
        else
        {
            parent.MkfifoAt(name);
            parent.ChmodAt(name, _rules.PermissionsOf(member));
        }
        SessionOwner.ChownToSession(parent, name);
        parent.SetMtimeAt(name, member.MtimeNs);
    }

    private static Fd MakeDirectory(Fd parent, string name, string path) =>
        parent.TryStatAt(name) is null ? SessionOwner.MakeDirectory(parent, name) : parent.OpenDirectoryAt(name);
}
