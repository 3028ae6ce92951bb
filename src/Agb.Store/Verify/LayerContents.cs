using System.Collections.Concurrent;

namespace Agb.Store;

/// <summary>Hashes the files of layers in several threads. A file shared by layers is read once: a compaction links the files of
/// the layers that it merges.</summary>
internal sealed class LayerContents(CancellationToken cancellationToken)
{
    // Files for one thread at a time; few enough to spread them, large ones alone.
    private const int PieceFiles = 64;
    private const long PieceBytes = 8 << 20;

    private readonly ConcurrentDictionary<(ulong Device, ulong Inode), Lazy<UInt128>> _shared = new();
    private readonly ConcurrentBag<LayerWalk> _walks = [];
    private readonly ConcurrentQueue<(int Index, PosixException Error)> _unreadable = new();

    /// <summary>Number of hashed content bytes.</summary>
    internal long BytesHashed => _walks.Sum(w => w.BytesHashed);

    /// <summary>Adds the hashes of files to a layer's entries.</summary>
    /// <param name="tree">The layer's tree.</param>
    /// <param name="entries">Its entries without content.</param>
    /// <param name="isUnreadable">Whether an error leaves an entry without a hash; others end the work.</param>
    /// <returns>The entries left out, in order, with the errors.</returns>
    internal IReadOnlyList<(LayerEntry Entry, PosixException Error)> Add(Fd tree, List<LayerEntry> entries, Func<PosixException, bool> isUnreadable)
    {
        var pieces = Divide(entries);
        SharedWork.Run(pieces.Count, (piece, hasFailed) =>
        {
            var walk = _walks.TryTake(out var free) ? free : new LayerWalk(cancellationToken);
            try
            {
                using var cursor = new DirectoryCursor(tree);
                for (var i = pieces[piece].Start; i < pieces[piece].End && !hasFailed(); i++)
                {
                    if (entries[i].Kind == EntryKind.File)
                    {
                        Add(walk, cursor, entries, i, isUnreadable);
                    }
                }
            }
            finally
            {
                _walks.Add(walk);
            }
        });
        var unreadable = _unreadable.OrderBy(u => u.Index).Select(u => (entries[u.Index], u.Error)).ToArray();
        _unreadable.Clear();
        return unreadable;
    }

    private void Add(LayerWalk walk, DirectoryCursor cursor, List<LayerEntry> entries, int index, Func<PosixException, bool> isUnreadable)
    {
        var entry = entries[index];
        try
        {
            var (directory, name) = (cursor.At(BytePath.DirectoryOf(entry.Path)), BytePath.NameOf(entry.Path));
            var stat = directory.StatAt(name);
            if (stat.Nlink < 2)
            {
                entries[index] = entry with { Content = walk.Hash(directory, name) };
                return;
            }
            // Another thread may be at it: this one waits then.
            var content = _shared.GetOrAdd((stat.Device, stat.Ino), _ => new Lazy<UInt128>(() => walk.Hash(directory, name)));
            entries[index] = entry with { Content = content.Value };
        }
        catch (PosixException e) when (isUnreadable(e))
        {
            _unreadable.Enqueue((index, e));
        }
    }

    private static List<(int Start, int End)> Divide(List<LayerEntry> entries)
    {
        var pieces = new List<(int Start, int End)>();
        var (start, bytes) = (0, 0L);
        for (var i = 0; i < entries.Count; i++)
        {
            bytes += entries[i].Size;
            if (i + 1 == entries.Count || i + 1 - start == PieceFiles || bytes >= PieceBytes)
            {
                pieces.Add((start, i + 1));
                (start, bytes) = (i + 1, 0);
            }
        }
        return pieces;
    }
}
