using System.Formats.Tar;

namespace Agb.Store;

/// <summary>Reads the members of a tar (POSIX.1-2001 pax, ustar, GNU).</summary>
internal static class TarMembers
{
    internal static IEnumerable<ArchiveMember> Read(Stream stream)
    {
        using var headers = new TarHeaders(stream);
        using var tar = new TarReader(headers, leaveOpen: true);
        while (Next(headers, tar) is { } entry)
        {
            if (!IsNote(entry.EntryType))
            {
                yield return new ArchiveMember(
                    (headers.Sparse?.Name ?? NameOf(entry.Name)).TrimEnd('/'),
                    KindOf(entry.EntryType),
                    (uint)entry.Mode & FileModes.All,
                    (entry.ModificationTime - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick,
                    NameOf(entry.LinkName),
                    headers.Sparse?.Open(entry.DataStream ?? Stream.Null) ?? entry.DataStream ?? Stream.Null);
            }
            // Unread content.
            entry.DataStream?.CopyTo(Stream.Null);
        }
        // Reads to the end, to verify the checksum of a compressed stream.
        stream.CopyTo(Stream.Null);
    }

    /// <summary>Whether an entry describes the archive instead of a member: global attributes, a volume
    /// label, a list of old names.</summary>
    private static bool IsNote(TarEntryType type) =>
        type is TarEntryType.GlobalExtendedAttributes or TarEntryType.TapeVolume or TarEntryType.RenamedOrSymlinked;

    private static MemberKind KindOf(TarEntryType type) => type switch
    {
        TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile => MemberKind.File,
        // A directory of an incremental archive has its listing as content.
        TarEntryType.Directory or TarEntryType.DirectoryList => MemberKind.Directory,
        TarEntryType.SymbolicLink => MemberKind.Symlink,
        TarEntryType.HardLink => MemberKind.HardLink,
        TarEntryType.Fifo => MemberKind.Fifo,
        _ => MemberKind.Other,
    };

    private static TarEntry? Next(TarHeaders headers, TarReader tar)
    {
        headers.ExpectHeader();
        return tar.GetNextEntry();
    }

    private static string NameOf(string? name) => name is null ? ""
        : !name.Contains('\uFFFD') ? BytePath.FromText(name)
        : throw new InvalidDataException($"The name '{name}' is not UTF-8.");
}
