namespace Agb.Engine;

/// <summary>Newest version of a context at an origin stored as an archive: the contents of the zip, and files stored beside
/// it.</summary>
internal sealed class ArchivedHead : IDisposable
{
    private readonly string _directory;

    private ArchivedHead(string directory, MergedDirectory root)
    {
        _directory = directory;
        Root = root;
    }

    internal MergedDirectory Root { get; }

    /// <summary>Unpacks the version. The caller holds the context's lock.</summary>
    /// <param name="head">The newest version.</param>
    /// <param name="row">The mount.</param>
    /// <param name="staged">The written upload: a session with a view of the zip itself may have replaced or deleted it.</param>
    /// <param name="directory">A nonexistent host directory, for the unpacked files.</param>
    /// <param name="cancellationToken">Cancels.</param>
    internal static ArchivedHead Open(
        Snapshot head, MountRow row, Fd staged, string directory, CancellationToken cancellationToken)
    {
        var stored = head.OpenOrigin(row.Origin);
        try
        {
            using (var seen = row.Rules.Unpacks
                ? stored.OpenChild(".")
                : MergedDirectory.Over(staged.OpenDirectoryAt("."), stored.OpenChild(".")))
            using (var layer = new PolicyLayer(directory, seen, cancellationToken))
            {
                if (seen.Lookup(ArchiveNames.OfMount) is { Kind: EntryKind.File })
                {
                    layer.UnpackMount(wanted: null);
                }
                layer.Finish();
            }
            return new ArchivedHead(
                directory, Directory.Exists(directory) ? MergedDirectory.Over(Fd.OpenTree(directory), stored) : stored);
        }
        catch
        {
            stored.Dispose();
            TreeRemover.Remove(directory);
            throw;
        }
    }

    /// <summary>Counts the files of an archived origin.</summary>
    /// <exception cref="AgbException">InvalidArchive.</exception>
    internal static long CountFiles(MergedDirectory stored, Func<string, bool> counts)
    {
        if (stored.Lookup(ArchiveNames.OfMount) is not { Kind: EntryKind.File })
        {
            return 0;
        }
        using var file = stored.OpenRead(ArchiveNames.OfMount);
        using var stream = FdStream.OpenRead(file);
        try
        {
            return ZipReader.Read(stream).LongCount(m => m.Kind != MemberKind.Directory && counts(m.Name));
        }
        catch (Exception e) when (ArchiveErrors.IsDamage(e))
        {
            throw ArchiveErrors.Damaged(ArchiveNames.OfMount, e);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Root.Dispose();
        TreeRemover.Remove(_directory);
    }
}
