using ICSharpCode.SharpZipLib.Zip;

namespace Agb.Store;

/// <summary>Extended attributes in a zip: an extra field of Agb, ignored by other programs (APPNOTE.TXT 4.5). For each
/// attribute, length and bytes of the name, then of the value.</summary>
internal static class ZipAttributes
{
    // "AX" in byte order; not among the registered fields of APPNOTE.TXT.
    private const int Tag = 0x5841;
    private const byte Version = 1;

    // All extra fields of a member share 65,535 bytes, and its name is one of them.
    private const int MaxBytes = 32_000;

    /// <summary>Adds attributes to the extra fields of a member.</summary>
    /// <returns>False if they are too large, and omitted.</returns>
    internal static bool TryAdd(ZipExtraData fields, IReadOnlyList<(string Name, byte[] Value)> attributes)
    {
        if (attributes.Count == 0)
        {
            return true;
        }
        if (attributes.Sum(a => a.Name.Length + a.Value.Length + 4) > MaxBytes)
        {
            return false;
        }
        fields.StartNewEntry();
        fields.AddData(Version);
        foreach (var (name, value) in attributes)
        {
            fields.AddLeShort(name.Length);
            fields.AddData(BytePath.Z(name)[..^1]);
            fields.AddLeShort(value.Length);
            fields.AddData(value);
        }
        fields.AddNewEntry(Tag);
        return true;
    }

    /// <summary>The attributes of a member.</summary>
    /// <exception cref="InvalidDataException">The attributes can't be read.</exception>
    internal static IReadOnlyList<(string Name, byte[] Value)> Find(byte[]? extra)
    {
        if (extra is null || extra.Length == 0)
        {
            return [];
        }
        using var fields = new ZipExtraData(extra);
        if (!fields.Find(Tag) || fields.ValueLength < 1 || fields.ReadByte() != Version)
        {
            return [];
        }
        var found = new List<(string, byte[])>();
        while (fields.UnreadCount > 0)
        {
            var name = BytePath.FromBytes(Read(fields));
            found.Add((name, Read(fields)));
            if (!name.StartsWith("user.", StringComparison.Ordinal))
            {
                throw new InvalidDataException($"The extended attribute '{BytePath.ToDisplay(name)}' is not a user attribute.");
            }
        }
        return found;
    }

    private static byte[] Read(ZipExtraData fields)
    {
        var length = fields.UnreadCount >= 2 ? fields.ReadShort() & 0xFFFF : int.MaxValue;
        if (length > fields.UnreadCount)
        {
            throw new InvalidDataException("The extended attributes of a member end early.");
        }
        var bytes = new byte[length];
        for (var i = 0; i < length; i++)
        {
            bytes[i] = (byte)fields.ReadByte();
        }
        return bytes;
    }
}
