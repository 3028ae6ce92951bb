namespace Agb.Store;

/// <summary>Packs a tree into a zip readable by any program: with modes, symlinks and empty directories in the form of
/// Info-ZIP. Hard links become separate files.</summary>
internal sealed class ZipPacker
{
    private const int MaxNameBytes = 30_000;

    private readonly ZipWriter _zip;
    private readonly string _excluded;
    private readonly CancellationToken _cancellationToken;
    private readonly List<string> _lost = [];
    private long _bytes;
    private int _members;

    private ZipPacker(ZipWriter zip, string excluded, CancellationToken cancellationToken)
    {
        _zip = zip;
        _excluded = excluded;
        _cancellationToken = cancellationToken;
    }

    /// <summary>Packs a tree.</summary>
    /// <param name="tree">The tree.</param>
    /// <param name="target">The open, empty file.</param>
    /// <param name="excluded">An excluded path, or empty.</param>
    /// <param name="packed">Gets the bytes of packed content.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Number of members, and a line for each member with too large extended attributes.</returns>
    /// <exception cref="AgbException">SyncFailed: the tree exceeds the limits of an archive.</exception>
    internal static (int Members, IReadOnlyList<string> Lost) Pack(
        MergedDirectory tree, Fd target, string excluded, Action<long> packed, CancellationToken cancellationToken)
    {
        using var file = FdStream.OpenWrite(target);
        using var zip = new ZipWriter(file, packed, cancellationToken);
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
                        _zip.Add(NewMember(child, stat, 0, child + "/", below.Topmost), []);
                        Add(below, child);
                    }
                    break;
                case EntryKind.Symlink:
                    var target = BytePath.Z(directory.HolderOf(name).ReadLinkAt(name))[..^1];
                    _zip.Add(NewMember(child, stat, target.Length, child), target);
                    break;
                case EntryKind.Fifo:
                    _zip.Add(NewMember(child, stat, 0, child), []);
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
        _zip.Add(NewMember(path, stat, stat.Size, path, file), file);
    }

    private ZipRecord NewMember(string path, FileStat stat, long size, string name, Fd? opened = null)
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
        return new ZipRecord
        {
            // For non-UTF-8 names and characters special in zips, other programs see a similar name.
            Name = Encoding.UTF8.GetBytes(BytePath.ToText(name).Replace('\\', '_')),
            Extra = fields.GetEntryData(),
            Stat = stat,
            Expected = size,
        };
    }
}
