namespace Agb.Store;

/// <summary>Storage times of the entries of a layer. A layer of an upload has a single time; a layer of a compaction has the
/// file <c>times</c> beside the tree, with a time for each entry.</summary>
internal sealed class LayerTimes
{
    private const uint Magic = 0x54424741; // "AGBT"

    private readonly StorePaths _paths;
    private readonly Dictionary<string, (DateTimeOffset Created, DateTimeOffset? Stored)> _layers;
    private readonly Dictionary<string, Dictionary<string, long>> _merged = new(StringComparer.Ordinal);

    /// <summary>Reads the catalog's times of a context's layers.</summary>
    internal LayerTimes(StorePaths paths, CatalogTransaction tx, string contextId)
    {
        _paths = paths;
        _layers = VersionTable.LayerTimes(tx, contextId);
    }

    /// <summary>Storage time of an entry.</summary>
    /// <param name="layerId">The entry's layer.</param>
    /// <param name="path">Its path in the context, raw, without a slash in front.</param>
    internal DateTimeOffset StoredAt(string layerId, string path)
    {
        var (created, stored) = _layers[layerId];
        if (stored is { } at)
        {
            return at;
        }
        if (!_merged.TryGetValue(layerId, out var times))
        {
            _merged[layerId] = times = Load(_paths.LayerTimes(layerId));
        }
        // A compaction by an older version recorded none: its own time is the latest possible.
        return times.TryGetValue(path, out var milliseconds) ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : created;
    }

    /// <summary>Writes the times of a merged layer beside its tree.</summary>
    internal static void Save(string file, IReadOnlyCollection<(string Path, DateTimeOffset StoredAt)> times)
    {
        FaultSeam.Before("create", file);
        using var stream = new FileStream(file, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16);
        using var writer = new BinaryWriter(stream, Encoding.Latin1);
        FaultSeam.Before("write", file);
        writer.Write(Magic);
        writer.Write(times.Count);
        foreach (var (path, storedAt) in times)
        {
            writer.Write(path);
            writer.Write(storedAt.ToUnixTimeMilliseconds());
        }
        writer.Write(Magic);
    }

    /// <summary>Verifies the record of a layer, if it has one.</summary>
    /// <exception cref="AgbException">StoreCorrupt.</exception>
    internal static void Verify(string file) => Load(file);

    private static Dictionary<string, long> Load(string file)
    {
        var times = new Dictionary<string, long>(StringComparer.Ordinal);
        if (!File.Exists(file))
        {
            return times;
        }
        try
        {
            FaultSeam.BeforeRead(file);
            using var reader = new BinaryReader(File.OpenRead(file), Encoding.Latin1);
            RecordFile.Require(reader.ReadUInt32() == Magic);
            for (var left = reader.ReadInt32(); left > 0; left--)
            {
                times[reader.ReadString()] = reader.ReadInt64();
            }
            RecordFile.Require(reader.ReadUInt32() == Magic);
            return times;
        }
        catch (Exception e) when (e is EndOfStreamException or ArgumentException or FormatException)
        {
            throw Damaged(file, e);
        }
    }

    private static AgbException Damaged(string file, Exception inner) => new(
        AgbErrorIds.StoreCorrupt, AgbErrorKind.DataCorrupt, $"The record of storage times '{file}' is damaged.",
        "Remove that file: the creation time of the layer then counts for its files.", inner: inner);
}
