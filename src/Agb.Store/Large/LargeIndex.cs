using System.Collections.Concurrent;
using System.IO.Hashing;

namespace Agb.Store;

/// <summary>The large files of a layer: a file beside its tree, with the path and the content's id of each. In the tree such a file
/// is a placeholder: a hole of the same size, with the same attributes.</summary>
internal sealed class LargeIndex
{
    internal const string FileName = "large";

    private const uint Magic = 0x4C424741; // "AGBL"
    private const int HashSize = 16;
    private const int MostCached = 10_000;

    // A placed layer never changes, and its id is never used again.
    private static readonly ConcurrentDictionary<string, LargeIndex> s_cache = new(StringComparer.Ordinal);
    private static readonly LargeIndex s_empty = new(new Dictionary<string, string>(StringComparer.Ordinal));

    internal LargeIndex(IReadOnlyDictionary<string, string> ids) => Ids = ids;

    /// <summary>Ids of contents by path in the layer's tree, raw.</summary>
    internal IReadOnlyDictionary<string, string> Ids { get; }

    /// <summary>Reads the index of a placed layer; empty if it has none.</summary>
    /// <exception cref="AgbException">StoreCorrupt.</exception>
    internal static LargeIndex OfLayer(StorePaths paths, string layerId)
    {
        var directory = paths.Layer(layerId);
        if (s_cache.TryGetValue(directory, out var known))
        {
            return known;
        }
        var index = Load(directory);
        if (index.Ids.Count == 0 && !Directory.Exists(directory))
        {
            return index;
        }
        if (s_cache.Count >= MostCached)
        {
            s_cache.Clear();
        }
        return s_cache[directory] = index;
    }

    /// <summary>Reads the index beside a tree; empty if there is none.</summary>
    /// <exception cref="AgbException">StoreCorrupt.</exception>
    internal static LargeIndex Load(string layerDirectory)
    {
        var file = Path.Combine(layerDirectory, FileName);
        if (!File.Exists(file))
        {
            return s_empty;
        }
        try
        {
            FaultSeam.BeforeRead(file);
            var bytes = File.ReadAllBytes(file);
            RecordFile.Require(bytes.Length > HashSize && XxHash128.Hash(bytes.AsSpan(0, bytes.Length - HashSize)).AsSpan().SequenceEqual(bytes.AsSpan(bytes.Length - HashSize)));
            using var reader = new BinaryReader(new MemoryStream(bytes), Encoding.Latin1);
            RecordFile.Require(reader.ReadUInt32() == Magic);
            var ids = new Dictionary<string, string>(StringComparer.Ordinal);
            for (var left = reader.ReadInt32(); left > 0; left--)
            {
                ids[reader.ReadString()] = reader.ReadString();
            }
            return new LargeIndex(ids);
        }
        catch (Exception e) when (e is EndOfStreamException or ArgumentException or FormatException)
        {
            throw LargeErrors.Damaged(file, e);
        }
    }

    /// <summary>Writes the index beside a staged tree.</summary>
    internal void Save(string layerDirectory)
    {
        using var memory = new MemoryStream();
        using (var writer = new BinaryWriter(memory, Encoding.Latin1, leaveOpen: true))
        {
            writer.Write(Magic);
            writer.Write(Ids.Count);
            foreach (var (path, id) in Ids)
            {
                writer.Write(path);
                writer.Write(id);
            }
        }
        memory.Write(XxHash128.Hash(memory.GetBuffer().AsSpan(0, (int)memory.Length)));
        AtomicFile.Replace(Path.Combine(layerDirectory, FileName), memory.GetBuffer().AsSpan(0, (int)memory.Length), AtomicFile.OwnerOnly, flush: true);
    }
}

/// <summary>Errors of large files.</summary>
internal static class LargeErrors
{
    internal static AgbException Damaged(string file, Exception? inner = null) => new(
        AgbErrorIds.StoreCorrupt, AgbErrorKind.DataCorrupt, $"The record '{file}' of a large file is missing or damaged.",
        "Restore the file from a backup. Versions without this file can still be read.", inner: inner);
}
