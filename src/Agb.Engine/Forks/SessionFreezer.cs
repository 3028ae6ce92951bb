namespace Agb.Engine;

/// <summary>Makes a fork layer of a running session's files: first a copy beside the running session, then, with the session
/// stopped, of the entries changed meanwhile.</summary>
internal sealed class SessionFreezer(EngineParts parts)
{
    private static readonly HashSet<string> s_noSuspects = [];

    private readonly LinkedNames _names = new(parts.Paths);
    private readonly TreeSwap _swap = new(parts.Paths, parts.Catalog);

    /// <summary>Makes a fork layer. The caller holds the session's lock.</summary>
    /// <param name="sessionId">The session.</param>
    /// <param name="image">Its image, with its home.</param>
    /// <param name="sandbox">Its sandbox.</param>
    /// <param name="hasOverlays">Whether this host has overlays.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The layer, and the time of the stop.</returns>
    internal async Task<(ForkSource Source, TimeSpan Stop)> FreezeAsync(string sessionId, AgbImage image, SandboxHandle sandbox, bool hasOverlays, CancellationToken cancellationToken)
    {
        var id = RandomId.New();
        var paths = parts.Paths;
        var (mounts, layers) = parts.Catalog.Read(tx => (MountTable.OfSession(tx, sessionId), ForkTable.OfSession(tx, sessionId)));
        Directory.CreateDirectory(paths.Fork(id), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        var copies = new List<PartCopy>();
        try
        {
            foreach (var mount in mounts)
            {
                _names.BringUp(mount, parts.MountOf(mount.Kind), () => sandbox, cancellationToken);
            }
            copies.AddRange(OriginPart.Of(paths, sessionId, image, mounts, layers, parts.MountOf).Select(p => PartCopy.OfTree(paths, id, p)));
            copies.AddRange(PartCopy.OfMemory(paths, id, sandbox));
            // Changes from here on count as changed in the second round.
            var young = await TimestampGranularity.SettleAsync(cancellationToken).ConfigureAwait(false);
            var used = StoppedSandbox.UsedPaths(sandbox);
            var movable = sandbox.Controls?.Disk is null && hasOverlays
                ? copies.Where(c => c.AsMovable(sandbox, used, cancellationToken) is not null).ToArray() : [];
            copies.Except(movable).ToList().ForEach(c => c.Bring(young, s_noSuspects, cancellationToken));
            if (movable.Length > 0)
            {
                _swap.Note(id, sessionId);
            }
            var moved = new List<PartCopy>();
            var stop = Stop(sandbox, stopped =>
            {
                var now = movable.Length > 0 ? stopped.UsedPaths() : [];
                foreach (var copy in movable)
                {
                    if (copy.AsMovable(sandbox, now, cancellationToken) is { } tree)
                    {
                        _swap.Move(sandbox, sessionId, id, tree);
                        copy.SetMoved();
                        moved.Add(copy);
                    }
                }
                do
                {
                    copies.Except(moved).ToList().ForEach(c => c.Bring(young, stopped.SharedMaps, cancellationToken));
                }
                while (stopped.StopNew());
            });
            if (movable.Length > 0)
            {
                parts.Catalog.Write(tx => moved.ForEach(m => TreeSwap.Record(tx, sessionId, id, m.Part.Name)));
                _swap.Complete(id);
            }
            FaultPoint.Reach(FaultPoint.ForkCopied);
            var made = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var copy in copies)
            {
                if (copy.Finish() is { } stack)
                {
                    made[copy.Part.Name] = stack;
                }
            }
            return (new ForkSource(paths, id, made), stop);
        }
        catch
        {
            // A tree moved into it stays the session's.
            _swap.RecoverSession(sessionId);
            if (ForkLayers.Unused(paths, parts.Catalog).Contains(id))
            {
                TreeRemover.Remove(paths.Fork(id));
            }
            throw;
        }
        finally
        {
            copies.ForEach(c => c.Dispose());
        }
    }

    private static TimeSpan Stop(SandboxHandle sandbox, Action<StoppedSandbox> work)
    {
        using var stopped = StoppedSandbox.Begin(sandbox);
        FaultPoint.Reach(FaultPoint.ForkStopped);
        work(stopped);
        return stopped.Elapsed;
    }
}
