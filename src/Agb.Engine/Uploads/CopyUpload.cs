namespace Agb.Engine;

/// <summary>Copies the plan's entries, or hard-links them after the last writer of the tree has ended.</summary>
internal class CopyUpload(StorePaths paths, UploadSource source, SyncPlan plan, StagedLayer staged)
    : UploadStrategy(paths, source, plan, staged)
{
    private readonly List<string> _linkedStored = [];

    /// <inheritdoc/>
    protected override int PutEntries(Snapshot? head, SyncProgress progress, CancellationToken cancellationToken)
    {
        using var target = MakeOrigin();
        using var stored = Plan.StoredAt.Count > 0 ? MountView.Open(Paths, Row) : null;
        using var writer = new LayerWriter(Source.Changes, target, Plan, link: Source.Care.Released, progress, stored)
        {
            LinksStored = Row.Rules.MirrorsDeletions,
            Large = head is null ? null : new LargeUpload(Paths, Staged, head, string.Join('/', Origin), cancellationToken),
        };
        var written = writer.Write(cancellationToken);
        _linkedStored.AddRange(writer.LinkedStored);
        Marked = Plan.Steps.Where(s => s.Operation == SyncOperation.ReplaceDirectory).Select(s => s.Path);
        EntryCopier.FinishDirectory(target, Source.Tree.Stat());
        Staged.FinishParents();
        return written;
    }

    /// <summary>Copies files linked to stored files. Another session may have given those another, lasting name: two names of one
    /// file in a version would become hard links.</summary>
    protected override void Part(Fd origin)
    {
        var copy = ".agb-" + RandomId.New();
        using var cursor = new DirectoryCursor(origin);
        var links = new Dictionary<ulong, string>();
        foreach (var path in _linkedStored)
        {
            var (directory, name) = (cursor.At(BytePath.DirectoryOf(path)), BytePath.NameOf(path));
            var stat = directory.StatAt(name);
            Hiding.Change(directory, () =>
            {
                if (!links.TryGetValue(stat.Ino, out var first) || !TryLink(origin, first, directory, copy))
                {
                    EntryCopier.Copy(directory, name, stat.Kind, directory, copy);
                    links[stat.Ino] = path;
                }
                directory.RenameAt(copy, directory, name);
            });
        }

        static bool TryLink(Fd target, string path, Fd to, string name)
        {
            using var source = new DirectoryCursor(target);
            return source.At(BytePath.DirectoryOf(path)).TryLinkAt(BytePath.NameOf(path), to, name);
        }
    }

    private Fd MakeOrigin()
    {
        if (Origin.Length == 0)
        {
            Xattrs.Copy(Source.Tree, Staged.Tree);
            return Staged.Tree.OpenDirectoryAt(".");
        }
        using var parent = TakeParent();
        return EntryCopier.MakeDirectory(Source.Tree, parent, Origin[^1]);
    }
}
