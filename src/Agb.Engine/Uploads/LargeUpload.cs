namespace Agb.Engine;

/// <summary>Stores large files of a running session as deltas to the newest version: a small change costs two reads of the file, and no
/// copy of it.</summary>
internal sealed class LargeUpload(StorePaths paths, StagedLayer staged, Snapshot head, string origin, CancellationToken cancellationToken)
{
    private const int Attempts = 3;

    private readonly LargeFiles _files = new(paths);

    /// <summary>Whether a plan has files for this class.</summary>
    internal static bool IsNeeded(SyncPlan plan) => plan.Steps.Any(s => s.Operation == SyncOperation.Put && IsLarge(s));

    /// <summary>Whether a step stores a large file.</summary>
    internal static bool IsLarge(SyncStep step) => step.Stat is { Kind: EntryKind.File, Nlink: 1 } stat && stat.Size >= LargeFiles.MinSize;

    /// <summary>Stores a file as a delta, and repeats that if it changed meanwhile.</summary>
    /// <param name="from">The session's directory.</param>
    /// <param name="to">The directory in the staged layer.</param>
    /// <param name="step">The step.</param>
    /// <returns>The file's attributes before the comparison; null if a copy serves better.</returns>
    internal FileStat? TryPut(Fd from, Fd to, SyncStep step)
    {
        var (path, name) = (BytePath.Join(origin, step.Path), BytePath.NameOf(step.Path));
        if (!IsLarge(step) || StoredId(path) is not { } baseId)
        {
            return null;
        }
        using var content = _files.Open(baseId);
        using var large = _files.OpenDirectory();
        for (var attempt = 1; ; attempt++)
        {
            using var source = from.OpenReadAt(name);
            var before = source.Stat();
            if (before.Kind != EntryKind.File || TryWrite(large, source, before, (baseId, content)) is not { } id)
            {
                return null;
            }
            var after = source.Stat();
            if ((after.CtimeNs == before.CtimeNs && after.Size == before.Size) || attempt == Attempts)
            {
                LargeStaging.MakePlaceholder(source, before, to, name);
                staged.Large.Note(path, id);
                return source.IsWidened && AsClosed(source, from, name) is { } closed ? before with { CtimeNs = closed } : before;
            }
            large.UnlinkAt(id + LargeFiles.DeltaSuffix);
        }
    }

    /// <summary>The change time after the end of a temporary access, not made by the session.</summary>
    private static long? AsClosed(Fd source, Fd from, string name)
    {
        var stat = source.Stat();
        source.Dispose();
        return from.TryStatAt(name) is { } closed && closed.Ino == stat.Ino && closed.MtimeNs == stat.MtimeNs ? closed.CtimeNs : null;
    }

    private string? StoredId(string path)
    {
        using var directory = head.Open(BytePath.DirectoryOf(path));
        var name = BytePath.NameOf(path);
        return directory.Lookup(name) is { Kind: EntryKind.File } ? directory.LargeIdOf(name) : null;
    }

    private string? TryWrite(Fd large, Fd source, in FileStat stat, (string Id, LargeContent Content) stored)
    {
        var id = staged.Large.NewId();
        using var delta = large.CreateAt(id + LargeFiles.DeltaSuffix);
        var writer = new LargeDeltaWriter(delta, LargeMoves.LimitOf(stat.Size));
        if (!LargeDiff.TryWrite(source, stat.Size, stored.Content, writer, cancellationToken))
        {
            large.UnlinkAt(id + LargeFiles.DeltaSuffix);
            return null;
        }
        writer.Finish(stored.Id, isForward: true, stat.Size);
        FileCopier.CopyAttributes(source, delta, stat);
        return id;
    }
}
