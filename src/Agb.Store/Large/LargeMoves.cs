namespace Agb.Store;

/// <summary>Changes the form of large contents: a delta becomes a whole file, a whole file moves on to the next content or becomes a
/// delta. Each new form is durable before the old one goes, so every content can be read at any instant (docs/format.md). One process at a
/// time, by a lock.</summary>
internal sealed class LargeMoves(StorePaths paths)
{
    /// <summary>Prefix of the last part of a temporary file's name.</summary>
    internal const string NewMark = ".new-";

    private const int Share = 4;

    // Each costs a few flushes; more of them take longer than a copy.
    private const int MostSteps = 32;

    private readonly LargeFiles _files = new(paths);

    /// <summary>Most bytes of a delta: beyond that a whole file serves better.</summary>
    internal static long LimitOf(long size) => size / Share;

    /// <summary>Gives a content a whole file. An unused whole file of its older base is moved, any other is copied.</summary>
    /// <exception cref="AgbException">StoreCorrupt, NoSpace.</exception>
    internal void MakeWhole(string id)
    {
        using var alone = Lock();
        using var large = _files.OpenDirectory();
        if (large.TryStatAt(id) is not null)
        {
            return;
        }
        if (TryFinishMove(large, id) || TryMoveTo(large, id))
        {
            return;
        }
        Replace(large, id, target =>
        {
            using var content = _files.Open(id);
            content.CopyTo(target);
            using var delta = large.OpenReadAt(id + LargeFiles.DeltaSuffix);
            FileCopier.CopyAttributes(delta, target, delta.Stat());
            return true;
        });
        if (large.TryStatAt(id + LargeFiles.MovingSuffix) is not null)
        {
            large.UnlinkAt(id + LargeFiles.MovingSuffix);
        }
    }

    /// <summary>Replaces an unused whole file by a delta.</summary>
    /// <param name="id">The content.</param>
    /// <param name="baseId">A content with a whole file.</param>
    /// <param name="cancellationToken">Cancels the comparison.</param>
    /// <returns>False if the file is in use, or the contents differ too much.</returns>
    internal bool TryShrink(string id, string baseId, CancellationToken cancellationToken)
    {
        using var alone = Lock();
        using var large = _files.OpenDirectory();
        if (large.TryStatAt(id) is not { Nlink: 1 } stat || large.TryStatAt(baseId) is null)
        {
            return false;
        }
        if (!IsReadable(large, id) && !TryWriteDelta(large, id, stat.Size, baseId, cancellationToken))
        {
            return false;
        }
        FaultPoint.Reach(FaultPoint.LargeDeltaWritten);
        large.UnlinkAt(id);
        large.Sync();
        return true;
    }

    /// <summary>Whether a mount has a whole file.</summary>
    internal bool IsInUse(string id)
    {
        using var large = _files.OpenDirectory();
        return large.TryStatAt(id) is { Nlink: > 1 };
    }

    private FileLock Lock() => FileLock.AcquireAsync(paths.LargeLock, TimeProvider.System, CancellationToken.None).GetAwaiter().GetResult();

    /// <summary>Whether a content can be read without its own whole file.</summary>
    private static bool IsReadable(Fd large, string id)
    {
        for (var at = id; ;)
        {
            using var delta = LargeFiles.TryOpenDelta(large, at);
            if (delta is null || delta.Base == id)
            {
                return false;
            }
            at = delta.Base;
            if (large.TryStatAt(at) is not null)
            {
                return true;
            }
        }
    }

    private bool TryWriteDelta(Fd large, string id, long size, string baseId, CancellationToken cancellationToken) =>
        Replace(large, id + LargeFiles.DeltaSuffix, target =>
        {
            using var content = _files.Open(baseId);
            using var file = large.OpenReadAt(id);
            var writer = new LargeDeltaWriter(target, LimitOf(size));
            if (!LargeDiff.TryWrite(file, size, content, writer, cancellationToken))
            {
                return false;
            }
            writer.Finish(baseId, isForward: false, size);
            FileCopier.CopyAttributes(file, target, file.Stat());
            return true;
        });

    /// <summary>Moves the whole file of an older content step by step.</summary>
    private static bool TryMoveTo(Fd large, string id)
    {
        var steps = new Stack<string>();
        for (var at = id; large.TryStatAt(at) is null;)
        {
            using var delta = LargeFiles.TryOpenDelta(large, at);
            if (delta is not { IsForward: true } || steps.Count == MostSteps)
            {
                return false;
            }
            steps.Push(at);
            at = delta.Base;
        }
        while (steps.TryPop(out var step))
        {
            if (!TryMove(large, step))
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>Moves the whole file of an older content on to this one. Both contents have deltas to the file meanwhile, with all
    /// differing bytes, so both can be read in any state of the file.</summary>
    private static bool TryMove(Fd large, string id)
    {
        using var delta = LargeFiles.TryOpenDelta(large, id);
        if (delta is not { IsForward: true } || large.TryStatAt(delta.Base) is not { Nlink: 1 })
        {
            return false;
        }
        using var body = large.OpenReadAt(delta.Base);
        if (!body.TryLock(shared: false) || body.Stat() is not { Nlink: 1 } stat || stat.Size - delta.Size > LimitOf(stat.Size))
        {
            return false;
        }
        delta.Verify();
        Replace(large, delta.Base + LargeFiles.DeltaSuffix, target =>
        {
            WriteReverse(body, stat.Size, delta, new LargeDeltaWriter(target, long.MaxValue), id);
            FileCopier.CopyAttributes(body, target, stat);
            return true;
        });
        FaultPoint.Reach(FaultPoint.LargeDeltaWritten);
        large.RenameAt(delta.Base, large, id + LargeFiles.MovingSuffix);
        large.Sync();
        FaultPoint.Reach(FaultPoint.LargeFileMoving);
        if (body.Stat().Nlink != 1)
        {
            // A mount has linked the file between the two calls.
            large.RenameAt(id + LargeFiles.MovingSuffix, large, delta.Base);
            large.Sync();
            return false;
        }
        Finish(large, id, delta);
        return true;
    }

    /// <summary>Continues an interrupted move.</summary>
    private static bool TryFinishMove(Fd large, string id)
    {
        if (large.TryStatAt(id + LargeFiles.MovingSuffix) is not { Nlink: 1 })
        {
            return false;
        }
        using var delta = LargeFiles.TryOpenDelta(large, id);
        using var body = large.OpenReadAt(id + LargeFiles.MovingSuffix);
        if (delta is null || !body.TryLock(shared: false))
        {
            return false;
        }
        delta.Verify();
        Finish(large, id, delta);
        return true;
    }

    /// <summary>Puts the delta into the moved file. The caller has the file's lock.</summary>
    private static void Finish(Fd large, string id, LargeDelta delta)
    {
        using var body = OpenToWrite(large, id + LargeFiles.MovingSuffix);
        delta.ApplyTo(body);
        Xattrs.Clear(body);
        using (var model = large.OpenReadAt(id + LargeFiles.DeltaSuffix))
        {
            FileCopier.CopyAttributes(model, body, model.Stat());
        }
        body.Sync();
        FaultPoint.Reach(FaultPoint.LargeFilePatched);
        large.RenameAt(id + LargeFiles.MovingSuffix, large, id);
        large.Sync();
        large.UnlinkAt(id + LargeFiles.DeltaSuffix);
    }

    /// <summary>Writes the bytes of a file that a delta will change.</summary>
    private static void WriteReverse(Fd body, long size, LargeDelta delta, LargeDeltaWriter writer, string id)
    {
        var buffer = new byte[1 << 20];
        foreach (var range in delta.Ranges.Append(new LargeRange(delta.Size, size - delta.Size, 0)))
        {
            for (var at = range.Offset; at < Math.Min(range.End, size);)
            {
                var part = buffer.AsSpan(0, (int)Math.Min(buffer.Length, Math.Min(range.End, size) - at));
                part[body.Read(part, at)..].Clear();
                writer.TryAppend(at, part);
                at += part.Length;
            }
        }
        writer.Finish(id, isForward: false, size);
    }

    /// <summary>Opens a whole file to write; its mode may forbid that to an ordinary user's engine. A later step sets the mode again.</summary>
    private static Fd OpenToWrite(Fd large, string name)
    {
        if (!SandboxIdentity.IsRoot)
        {
            large.ChmodAt(name, large.StatAt(name).Permissions | FileModes.OwnerRead | FileModes.OwnerWrite);
        }
        return large.OpenWriteAt(name);
    }

    /// <summary>Makes a file under a temporary name, flushes it, and gives it its name.</summary>
    /// <returns>False if the content was refused.</returns>
    private static bool Replace(Fd large, string name, Func<Fd, bool> write)
    {
        var draft = name + NewMark + RandomId.New();
        try
        {
            using (var target = large.CreateAt(draft))
            {
                if (!write(target))
                {
                    TreeRemover.RemoveAt(large, draft);
                    return false;
                }
                target.Sync();
            }
            large.RenameAt(draft, large, name);
            large.Sync();
            return true;
        }
        catch
        {
            TreeRemover.RemoveAt(large, draft);
            throw;
        }
    }
}
