using System.Text;

namespace Agb.Store;

/// <summary>State of a session's tree at its last upload: the next upload stores the difference. Kept as a file beside the
/// tree, named after the layer of the upload (docs/format.md).</summary>
internal sealed class Manifest
{
    private const uint Magic = 0x33424741; // "AGB3"

    // Without the inodes of stored entries.
    private const uint SecondMagic = 0x32424741; // "AGB2"

    // Also without birth times of inodes.
    private const uint FirstMagic = 0x31424741; // "AGB1"

    private readonly Dictionary<string, ScannedEntry> _entries;

    // All entries, and the paths of all non-directories, in byte order; null after a change.
    private ScannedEntry[]? _sorted;
    private string[]? _files;

    internal Manifest()
        : this([])
    {
    }

    internal Manifest(IEnumerable<ScannedEntry> entries)
    {
        _entries = new(entries.TryGetNonEnumeratedCount(out var count) ? count : 0, StringComparer.Ordinal);
        foreach (var entry in entries)
        {
            _entries[entry.Path] = entry;
        }
    }

    /// <summary>All entries in byte order of their paths.</summary>
    internal IReadOnlyList<ScannedEntry> Entries => _sorted ??= Sort();

    internal int Count => _entries.Count;

    internal bool IsEmpty => Count == 0;

    internal ScannedEntry? Find(string path) => _entries.TryGetValue(path, out var entry) ? entry : null;

    /// <summary>Paths of files, symlinks and FIFOs at or below a path. Directories are skipped, because a session may have
    /// deleted many.</summary>
    internal IEnumerable<string> FilesAtOrBelow(string path)
    {
        _files ??= [.. Entries.Where(e => IsFile(e.Stat.Kind)).Select(e => e.Path)];
        if (Find(path) is { } entry && IsFile(entry.Stat.Kind))
        {
            yield return path;
        }
        var below = path + "/";
        var found = Array.BinarySearch(_files, below, StringComparer.Ordinal);
        for (var i = found < 0 ? ~found : found; i < _files.Length && _files[i].StartsWith(below, StringComparison.Ordinal); i++)
        {
            yield return _files[i];
        }

        static bool IsFile(EntryKind kind) => kind is EntryKind.File or EntryKind.Symlink or EntryKind.Fifo;
    }

    /// <summary>Removes an entry, so that the next upload examines it again.</summary>
    internal void Remove(string path)
    {
        (_sorted, _files) = (null, null);
        _entries.Remove(path);
    }

    /// <summary>Adds or replaces an entry.</summary>
    internal void Set(ScannedEntry entry)
    {
        (_sorted, _files) = (null, null);
        _entries[entry.Path] = entry;
    }

    /// <summary>Makes the next upload examine all changes at or after a time again (see <see cref="TimestampGranularity"/>).</summary>
    /// <param name="fromNs">Nanoseconds since 1970.</param>
    internal void Distrust(long fromNs)
    {
        foreach (var entry in _entries.Values.Where(e => e.Stat.CtimeNs >= fromNs).ToArray())
        {
            Set(entry with { Stat = entry.Stat with { CtimeNs = 0 } });
        }
    }

    /// <summary>Copies the inodes of stored entries from an older manifest, for unchanged entries.</summary>
    internal void KeepStored(Manifest before)
    {
        foreach (var was in before._entries.Values.Where(e => e.StoredIno != 0))
        {
            if (Find(was.Path) is { } now && now.StoredIno == 0 && now.Stat.IsUnchanged(was.Stat))
            {
                _entries[was.Path] = now with { StoredIno = was.StoredIno, StoredBirthNs = was.StoredBirthNs };
                (_sorted, _files) = (null, null);
            }
        }
    }

    /// <summary>Writes the manifest; durability is the caller's task.</summary>
    internal void Save(string file)
    {
        FaultSeam.Before("create", file);
        using var stream = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16);
        using var writer = new BinaryWriter(stream, Encoding.Latin1);
        writer.Write(Magic);
        writer.Write(_entries.Count);
        foreach (var entry in Entries)
        {
            writer.Write(entry.Path);
            writer.Write((byte)entry.Stat.Kind);
            writer.Write(entry.Opaque);
            writer.Write(entry.Stat.Mode);
            writer.Write(entry.Stat.Size);
            writer.Write(entry.Stat.MtimeNs);
            writer.Write(entry.Stat.CtimeNs);
            writer.Write(entry.Stat.Ino);
            writer.Write(entry.Stat.Nlink);
            writer.Write(entry.XattrHash);
            writer.Write(entry.Stat.BirthNs);
            writer.Write(entry.StoredIno);
            writer.Write(entry.StoredBirthNs);
        }
        FaultSeam.Before("write", file);
        writer.Write(Magic);
    }

    /// <summary>Reads a manifest.</summary>
    /// <exception cref="AgbException">StoreCorrupt: the file is missing or damaged.</exception>
    internal static Manifest Load(string file)
    {
        try
        {
            using var reader = new BinaryReader(File.OpenRead(file), Encoding.Latin1);
            var magic = reader.ReadUInt32();
            Require(magic is Magic or SecondMagic or FirstMagic, file);
            var count = reader.ReadInt32();
            Require(count >= 0, file);
            var manifest = new Manifest();
            for (var i = 0; i < count; i++)
            {
                var path = reader.ReadString();
                var kind = (EntryKind)reader.ReadByte();
                var opaque = reader.ReadBoolean();
                // In the order of the file: initializers run from top to bottom.
                var stat = new FileStat
                {
                    Kind = kind,
                    Mode = reader.ReadUInt32(),
                    Size = reader.ReadInt64(),
                    MtimeNs = reader.ReadInt64(),
                    CtimeNs = reader.ReadInt64(),
                    Ino = reader.ReadUInt64(),
                    Nlink = reader.ReadUInt32(),
                };
                var xattrHash = reader.ReadUInt64();
                var birth = magic == FirstMagic ? 0 : reader.ReadInt64();
                manifest._entries[path] = new ScannedEntry(path, stat with { BirthNs = birth }, opaque, xattrHash)
                {
                    StoredIno = magic == Magic ? reader.ReadUInt64() : 0,
                    StoredBirthNs = magic == Magic ? reader.ReadInt64() : 0,
                };
            }
            Require(reader.ReadUInt32() == magic, file);
            return manifest;
        }
        catch (Exception e) when (e is IOException or ArgumentException or FormatException && !Exhaustion.Is(e))
        {
            throw Damaged(file, e);
        }
    }

    private ScannedEntry[] Sort()
    {
        var (keys, entries) = (new string[_entries.Count], new ScannedEntry[_entries.Count]);
        _entries.Keys.CopyTo(keys, 0);
        Array.Sort(keys, StringComparer.Ordinal);
        for (var i = 0; i < keys.Length; i++)
        {
            entries[i] = _entries[keys[i]];
        }
        return entries;
    }

    private static void Require(bool holds, string file)
    {
        if (!holds)
        {
            throw Damaged(file, null);
        }
    }

    private static AgbException Damaged(string file, Exception? inner) => new(
        AgbErrorIds.StoreCorrupt, AgbErrorKind.DataCorrupt, $"The session's record of its last upload, '{file}', is missing or damaged.",
        inner: inner) { Advice = AgbAdvice.SaveAndDiscard };
}
