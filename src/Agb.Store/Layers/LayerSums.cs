using System.IO.Hashing;

namespace Agb.Store;

/// <summary>The entries of a layer at its creation: a file beside its tree (docs/format.md).</summary>
internal sealed class LayerSums
{
    internal const string FileName = "sums";

    private const uint Magic = 0x53424741; // "AGBS"
    private const int HashSize = 16;

    internal LayerSums(IReadOnlyList<LayerEntry> entries)
    {
        Entries = entries;
        MetadataBytes = WriteMetadata(entries);
        Seal = new LayerSeal(XxHash128.HashToUInt128(MetadataBytes), HashContents(entries));
    }

    /// <summary>All entries, parents before children, in byte order.</summary>
    internal IReadOnlyList<LayerEntry> Entries { get; }

    internal LayerSeal Seal { get; }

    private byte[] MetadataBytes { get; }

    /// <summary>Writes the sums and replaces older ones atomically.</summary>
    /// <param name="layerDirectory">The directory above the layer's tree.</param>
    /// <param name="flush">Whether the content is durable before it has its name; the name never is.</param>
    internal void Save(string layerDirectory, bool flush = false)
    {
        using var memory = new MemoryStream(MetadataBytes.Length + (Entries.Count * 4) + 64);
        using (var writer = new BinaryWriter(memory, Encoding.Latin1, leaveOpen: true))
        {
            writer.Write(Magic);
            writer.Write(MetadataBytes.Length);
            writer.Write(MetadataBytes);
            foreach (var entry in Entries.Where(e => e.Kind == EntryKind.File))
            {
                writer.Write(entry.Content is not null);
                writer.Write((ulong)((entry.Content ?? 0) >> 64));
                writer.Write((ulong)(entry.Content ?? 0));
            }
        }
        memory.Write(XxHash128.Hash(memory.GetBuffer().AsSpan(0, (int)memory.Length)));
        AtomicFile.Replace(Path.Combine(layerDirectory, FileName), memory.GetBuffer().AsSpan(0, (int)memory.Length), AtomicFile.OwnerOnly, flush);
    }

    /// <summary>Reads the sums.</summary>
    /// <returns>Null if there are none.</returns>
    /// <exception cref="InvalidDataException">The sums are damaged.</exception>
    internal static LayerSums? Load(string layerDirectory)
    {
        byte[] bytes;
        try
        {
            var path = Path.Combine(layerDirectory, FileName);
            FaultSeam.BeforeRead(path);
            bytes = File.ReadAllBytes(path);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        if (bytes.Length < HashSize || !XxHash128.Hash(bytes.AsSpan(0, bytes.Length - HashSize)).AsSpan().SequenceEqual(bytes.AsSpan(bytes.Length - HashSize)))
        {
            throw new InvalidDataException("The hash at its end does not match its content.");
        }
        try
        {
            using var reader = new BinaryReader(new MemoryStream(bytes, 0, bytes.Length - HashSize), Encoding.Latin1);
            if (reader.ReadUInt32() != Magic)
            {
                throw new InvalidDataException("It does not start with the signature of a sums file.");
            }
            return new LayerSums(ReadContents(reader, ReadMetadata(reader.ReadBytes(reader.ReadInt32()))));
        }
        catch (Exception e) when (e is EndOfStreamException or ArgumentException or FormatException or OverflowException)
        {
            throw new InvalidDataException(e.Message, e);
        }
    }

    private static byte[] WriteMetadata(IReadOnlyList<LayerEntry> entries)
    {
        using var memory = new MemoryStream(entries.Count * 64);
        using var writer = new BinaryWriter(memory, Encoding.Latin1);
        writer.Write(entries.Count);
        foreach (var entry in entries)
        {
            writer.Write(entry.Path);
            writer.Write((byte)entry.Kind);
            writer.Write((ushort)entry.Mode);
            writer.Write(entry.Size);
            writer.Write(entry.MtimeNs);
            writer.Write(entry.Opaque);
            writer.Write(entry.XattrHash);
            writer.Write(entry.Target);
        }
        writer.Flush();
        return memory.ToArray();
    }

    private static List<LayerEntry> ReadMetadata(byte[] bytes)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes), Encoding.Latin1);
        var count = reader.ReadInt32();
        var entries = new List<LayerEntry>();
        for (var i = 0; i < count; i++)
        {
            // In the order of the file: initializers run from top to bottom.
            entries.Add(new LayerEntry
            {
                Path = reader.ReadString(),
                Kind = (EntryKind)reader.ReadByte(),
                Mode = reader.ReadUInt16(),
                Size = reader.ReadInt64(),
                MtimeNs = reader.ReadInt64(),
                Opaque = reader.ReadBoolean(),
                XattrHash = reader.ReadUInt64(),
                Target = reader.ReadString(),
            });
        }
        return entries;
    }

    private static List<LayerEntry> ReadContents(BinaryReader reader, List<LayerEntry> entries)
    {
        for (var i = 0; i < entries.Count; i++)
        {
            if (entries[i].Kind == EntryKind.File)
            {
                var (isKnown, hash) = (reader.ReadBoolean(), new UInt128(reader.ReadUInt64(), reader.ReadUInt64()));
                entries[i] = entries[i] with { Content = isKnown ? hash : null };
            }
        }
        return entries;
    }

    private static UInt128? HashContents(IReadOnlyList<LayerEntry> entries)
    {
        var hash = new XxHash128();
        foreach (var entry in entries.Where(e => e.Kind == EntryKind.File))
        {
            if (entry.Content is not { } content)
            {
                return null;
            }
            hash.Append(BitConverter.GetBytes(content));
        }
        return hash.GetCurrentHashAsUInt128();
    }
}
