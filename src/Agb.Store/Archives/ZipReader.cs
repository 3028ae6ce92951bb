using ICSharpCode.SharpZipLib.Checksum;

namespace Agb.Store;

/// <summary>Reads the members of a zip (APPNOTE.TXT, pkware.com).</summary>
internal static class ZipReader
{
    private const int Latin1CodePage = 28591;
    private const int MaxLinkBytes = 4096;
    private const int UnixHost = 3;

    internal static IEnumerable<ArchiveMember> Read(Stream stream)
    {
        ZipCount.Require(stream);
        // Latin-1 keeps the bytes of names without the UTF-8 mark.
        using var zip = new ZipFile(stream, leaveOpen: true, StringCodec.FromCodePage(Latin1CodePage));
        foreach (ZipEntry entry in zip)
        {
            yield return ToMember(zip, entry);
        }
    }

    private static ArchiveMember ToMember(ZipFile zip, ZipEntry entry)
    {
        if (entry.IsCrypted || !entry.CanDecompress)
        {
            throw new InvalidDataException($"'{entry.Name}' is encrypted, or has an unsupported compression method.");
        }
        var own = ZipOwnField.Find(entry.ExtraData);
        var mode = entry.HostSystem == UnixHost ? (uint)entry.ExternalFileAttributes >> 16 : 0;
        var name = own?.Name ?? ZipNames.Of(entry);
        var isDirectory = own is null ? name.EndsWith('/') : entry.Name.EndsWith('/');
        var kind = (mode & Posix.S_IFMT) switch
        {
            Posix.S_IFDIR => MemberKind.Directory,
            Posix.S_IFLNK => MemberKind.Symlink,
            Posix.S_IFIFO => MemberKind.Fifo,
            Posix.S_IFREG or 0 => isDirectory ? MemberKind.Directory : MemberKind.File,
            _ => MemberKind.Other,
        };
        var content = kind is MemberKind.File or MemberKind.Symlink && entry.Size != 0
            ? new CheckedStream(zip.GetInputStream(entry), entry.Size, entry.Crc)
            : Stream.Null;
        return new ArchiveMember(
            name.TrimEnd('/'), kind, mode == 0 ? null : mode & FileModes.All, own?.MtimeNs ?? TimeOf(entry),
            kind == MemberKind.Symlink ? ReadTarget(content) : "", kind == MemberKind.File ? content : Stream.Null)
        {
            Attributes = own is null ? [] : ZipAttributes.Find(entry.ExtraData),
        };
    }

    private static string ReadTarget(Stream content)
    {
        var target = new byte[MaxLinkBytes + 1];
        var read = content.ReadAtLeast(target, target.Length, throwOnEndOfStream: false);
        return read <= MaxLinkBytes ? BytePath.FromBytes(target.AsSpan(0, read)) : throw new InvalidDataException("A symbolic link's target is too long.");
    }

    // Times in a zip have no zone; UTC is as good a guess as any.
    private static long TimeOf(ZipEntry entry) =>
        (DateTime.SpecifyKind(entry.DateTime, DateTimeKind.Utc) - DateTime.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;

    /// <summary>Verifies size and checksum of unpacked content.</summary>
    private sealed class CheckedStream(Stream inner, long size, long crc) : ReadStream
    {
        private readonly Crc32 _sum = new();
        private long _read;

        public override int Read(byte[] buffer, int offset, int count)
        {
            if (count == 0)
            {
                return 0;
            }
            var read = inner.Read(buffer, offset, count);
            if (read > 0)
            {
                _read += read;
                _sum.Update(new ArraySegment<byte>(buffer, offset, read));
            }
            if (_read > size || (read <= 0 && _read != size))
            {
                throw new InvalidDataException($"A member does not have its declared size of {size} bytes.");
            }
            if (read <= 0 && _sum.Value != crc)
            {
                throw new InvalidDataException("A member has a wrong checksum.");
            }
            return read;
        }
    }
}
