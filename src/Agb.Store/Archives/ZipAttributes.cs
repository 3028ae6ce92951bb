using System.Buffers.Binary;

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
        var found = new List<(string, byte[])>();
        for (var rest = ZipFields.Find(extra, Tag) is [Version, .. var list] ? list : []; rest.Length > 0;)
        {
            var name = BytePath.FromBytes(Next(ref rest));
            found.Add((name, Next(ref rest).ToArray()));
            if (!name.StartsWith("user.", StringComparison.Ordinal))
            {
                throw new InvalidDataException($"The extended attribute '{BytePath.ToDisplay(name)}' is not a user attribute.");
            }
        }

        return found;
    }

    private static ReadOnlySpan<byte> Next(ref ReadOnlySpan<byte> rest)
    {
        var end = rest.Length >= 2 ? BinaryPrimitives.ReadUInt16LittleEndian(rest) + 2 : int.MaxValue;
        if (end > rest.Length)
        {
            throw new InvalidDataException("The extended attributes of a member end early.");
        }

        var bytes = rest[2..end];
        rest = rest[end..];
        return bytes;
    }
}
