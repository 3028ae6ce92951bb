using System.Formats.Tar;
using Agb.Engine.Native;

namespace Agb.Engine.Archives;

/// <summary>Reads the members of a tar (POSIX.1-2001 pax, ustar, GNU).</summary>
internal static class TarMembers
{
    internal static IEnumerable<ArchiveMember> Read(Stream stream)
    {
        using var limited = new TarHeaderLimit(stream);
        using var tar = new TarReader(limited, leaveOpen: true);
        while (Next(limited, tar) is { } entry)
        {
            if (entry.EntryType == TarEntryType.GlobalExtendedAttributes)
            {
                continue;
            }
            yield return new ArchiveMember(
                NameOf(entry.Name).TrimEnd('/'),
                entry.EntryType switch
                {
                    TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile => MemberKind.File,
                    TarEntryType.Directory => MemberKind.Directory,
                    TarEntryType.SymbolicLink => MemberKind.Symlink,
                    TarEntryType.HardLink => MemberKind.HardLink,
                    TarEntryType.Fifo => MemberKind.Fifo,
                    _ => MemberKind.Other,
                },
                (uint)entry.Mode & 0xFFF,
                (entry.ModificationTime - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick,
                NameOf(entry.LinkName),
                entry.DataStream ?? Stream.Null);
            // What nobody wanted of it.
            entry.DataStream?.CopyTo(Stream.Null);
        }
        // The rest, so that a compressed stream's own check sum is compared.
        stream.CopyTo(Stream.Null);
    }

    private static TarEntry? Next(TarHeaderLimit limited, TarReader tar)
    {
        limited.ExpectHeader();
        return tar.GetNextEntry();
    }

    private static string NameOf(string? name) => name is null ? ""
        : !name.Contains('\uFFFD') ? Raw.FromText(name)
        : throw new InvalidDataException($"The name '{name}' is not UTF-8.");
}
