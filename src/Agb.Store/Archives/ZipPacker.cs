namespace Agb.Store;

/// <summary>Packs a tree into a zip readable by any program: with modes, symlinks and empty directories in the form of
/// Info-ZIP. Hard links become separate files.</summary>
internal sealed class ZipPacker
{
    private const int BlockSize = 128 * 1024;
    private const int MaxNameBytes = 30_000;
    private const int UnixHost = 3;

    private readonly ZipOutputStream _zip;
    private readonly string _excluded;
    private readonly CancellationToken _cancellationToken;
    private readonly byte[] _block = new byte[BlockSize];
    private readonly List<string> _lost = [];
    private long _bytes;
    private int _members;

    private ZipPacker(ZipOutputStream zip, string excluded, CancellationToken cancellationToken)
    {
        _zip = zip;
        _excluded = excluded;
        _cancellationToken = cancellationToken;
    }

    /// <summary>Packs a tree.</summary>
    /// <param name="tree">The tree.</param>
    /// <param name="target">The open, empty file.</param>
    /// <param name="excluded">An excluded path, or empty.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Number of members, and a line for each member with too large extended attributes.</returns>
    /// <exception cref="AgbException">SyncFailed: the tree exceeds the limits of an archive.</exception>
    internal static (int Members, IReadOnlyList<string> Lost) Pack(MergedDirectory tree, Fd target, string excluded, CancellationToken cancellationToken)
    {
        using var file = FdStream.OpenWrite(target);
        using var zip = new ZipOutputStream(file) { IsStreamOwner = false, UseZip64 = UseZip64.Dynamic };
        var packer = new ZipPacker(zip, excluded, cancellationToken);
        packer.Add(tree, "");
        zip.Finish();
        return (packer._members, packer._lost);
    }

    private void Add(MergedDirectory directory, string path)
    {
        foreach (var (name, stat) in directory.Entries())
        {
            _cancellationToken.ThrowIfCancellationRequested();
            var child = BytePath.Join(path, name);
            if (child == _excluded)
            {
                continue;
            }
            switch (stat.Kind)
            {
                case EntryKind.Directory:
                    using (var below = directory.OpenChild(name))
                    {
                        Begin(child, stat, 0, child + "/", below.Topmost);
                        Add(below, child);
                    }
                    break;
                case EntryKind.Symlink:
                    var target = BytePath.Z(directory.HolderOf(name).ReadLinkAt(name))[..^1];
                    Begin(child, stat, target.Length, child);
                    _zip.Write(target, 0, target.Length);
                    _zip.CloseEntry();
                    break;
                case EntryKind.Fifo:
                    Begin(child, stat, 0, child);
                    break;
                case EntryKind.File:
                    AddFile(directory, name, child);
                    break;
                default:
                    break;
            }
        }
    }

    private void AddFile(MergedDirectory directory, string name, string path)
    {
        using var file = directory.OpenRead(name);
        var stat = file.Stat();
        Begin(path, stat, stat.Size, path, file);
        if (stat.Size == 0)
        {
            return;
        }
        using var content = FdStream.OpenRead(file);
        for (int read; (read = content.Read(_block)) > 0;)
        {
            _cancellationToken.ThrowIfCancellationRequested();
            _zip.Write(_block, 0, read);
        }
        _zip.CloseEntry();
    }

    private void Begin(string path, FileStat stat, long size, string name, Fd? opened = null)
    {
        _bytes += size;
        _members++;
        var limits = UnpackLimits.OfMounts;
        if (_bytes > limits.MaxBytes || _members > limits.MaxMembers || name.Length > MaxNameBytes)
        {
            throw new AgbException(
                AgbErrorIds.SyncFailed, AgbErrorKind.InvalidInput,
                $"The mount can't be stored as an archive: at '{BytePath.ToDisplay(path[..Math.Min(path.Length, 200)])}' it exceeds {limits.MaxBytes} bytes, {limits.MaxMembers} entries, or {MaxNameBytes} bytes in a path.",
                "Store it in the upload mode File, in another context.", BytePath.ToDisplay(path));
        }
        using var fields = new ZipExtraData();
        new ZipOwnField(path, stat.MtimeNs).AddTo(fields);
        if (opened is not null && !ZipAttributes.TryAdd(fields, Xattrs.Read(opened)))
        {
            _lost.Add($"{BytePath.ToDisplay(path)}: its extended attributes are too large for the archive, and were not stored");
        }
        // For non-UTF-8 names and characters special in zips, other programs see a similar name.
        _zip.PutNextEntry(new ZipEntry(BytePath.ToText(name).Replace('\\', '_'))
        {
            HostSystem = UnixHost,
            ExternalFileAttributes = unchecked((int)(stat.Mode << 16)) | (stat.Kind == EntryKind.Directory ? 0x10 : 0),
            DateTime = DosTimeOf(stat.MtimeNs),
            ExtraData = fields.GetEntryData(),
            Size = size,
            CompressionMethod = size == 0 ? CompressionMethod.Stored : CompressionMethod.Deflated,
        });
        if (size == 0)
        {
            _zip.CloseEntry();
        }
    }

    // A zip's own times begin in 1980 and end in 2107.
    private static DateTime DosTimeOf(long mtimeNs)
    {
        var ticks = Math.Clamp(
            DateTime.UnixEpoch.Ticks + (mtimeNs / TimeSpan.NanosecondsPerTick),
            new DateTime(1980, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks, new DateTime(2107, 12, 31, 0, 0, 0, DateTimeKind.Utc).Ticks);
        return new DateTime(ticks, DateTimeKind.Utc);
    }
}
