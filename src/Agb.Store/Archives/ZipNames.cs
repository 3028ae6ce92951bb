using System.Buffers.Binary;
using ICSharpCode.SharpZipLib.Checksum;

namespace Agb.Store;

/// <summary>Names of a zip's members. Few programs write them by the specification (APPNOTE.TXT
/// 4.4.17, appendix D, and 4.6.9).</summary>
internal static class ZipNames
{
    private const int UnicodePathTag = 0x7075;
    private const int Dos = 0;
    private const int Os2 = 6;
    private const int Ntfs = 10;
    private const int Vfat = 14;

    private static readonly Encoding s_dos = CodePagesEncodingProvider.Instance.GetEncoding(437)!;

    /// <summary>Raw name of a member, with a trailing slash for a directory.</summary>
    /// <param name="entry">The member; a name without the UTF-8 mark was read byte by byte.</param>
    internal static string Of(ZipEntry entry)
    {
        var name = entry.IsUnicodeText ? BytePath.FromText(entry.Name) : FindUnicode(entry) ?? Unmarked(entry);
        // On DOS and Windows a backslash is a separator, and some programs write it in place of a slash.
        return IsOfDos(entry) ? name.Replace('\\', '/') : name;
    }

    /// <summary>Whether a member comes from a file system of DOS or Windows.</summary>
    internal static bool IsOfDos(ZipEntry entry) => entry.HostSystem is Dos or Os2 or Ntfs or Vfat;

    /// <summary>Decodes a name without the UTF-8 mark: code page 437, or UTF-8 from Unix programs, if valid.</summary>
    private static string Unmarked(ZipEntry entry)
    {
        var bytes = Encoding.Latin1.GetBytes(entry.Name);
        return (IsOfDos(entry) || !IsUtf8(bytes)) && bytes.Any(b => b >= 0x80) ? BytePath.FromText(s_dos.GetString(bytes)) : entry.Name;
    }

    /// <summary>Info-ZIP's extra UTF-8 name; ignored when its checksum of the regular name differs, as after a rename.</summary>
    private static string? FindUnicode(ZipEntry entry)
    {
        var field = ZipFields.Find(entry.ExtraData, UnicodePathTag);
        if (field.Length < 6 || field[0] != 1)
        {
            return null;
        }

        var sum = new Crc32();
        sum.Update(Encoding.Latin1.GetBytes(entry.Name));
        return BinaryPrimitives.ReadUInt32LittleEndian(field[1..]) == (uint)sum.Value && IsUtf8(field[5..]) ? BytePath.FromBytes(field[5..]) : null;
    }

    private static bool IsUtf8(ReadOnlySpan<byte> bytes) => System.Text.Unicode.Utf8.IsValid(bytes);
}
