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
            var movable = sandbox.Controls?.Disk is null && hasOverlays ? Movable(sandbox, copies, StoppedSandbox.UsedPaths(sandbox), cancellationToken) : [];
            copies.Except(movable).ToList().ForEach(c => c.Bring(young, s_noSuspects, cancellationToken));
            var stop = Take(sessionId, id, sandbox, (copies, movable), young, cancellationToken);
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

    /// <summary>Takes the picture: moves trees and completes copies while the session is stopped.</summary>
    private TimeSpan Take(
        string sessionId, string id, SandboxHandle sandbox, (List<PartCopy> All, PartCopy[] Movable) copies, long young, CancellationToken cancellationToken)
    {
        var moved = new List<PartCopy>();
        TimeSpan stop;
        if (copies.Movable.Length > 0)
        {
            _swap.Note(id, sessionId);
        }
        using (var stopped = StoppedSandbox.Begin(sandbox))
        {
            FaultPoint.Reach(FaultPoint.ForkStopped);
            var used = copies.Movable.Length > 0 ? stopped.UsedPaths() : [];
            foreach (var copy in copies.Movable)
            {
                if (copy.AsMovable(sandbox, used, cancellationToken) is { } tree)
                {
                    _swap.Move(sandbox, sessionId, id, tree);
                    copy.SetMoved();
                    moved.Add(copy);
                }
            }
            do
            {
                copies.All.Except(moved).ToList().ForEach(c => c.Bring(young, stopped.SharedMaps, cancellationToken));
            }
            while (stopped.StopNew());
            stop = stopped.Elapsed;
        }
        if (copies.Movable.Length > 0)
        {
            parts.Catalog.Write(tx => moved.ForEach(m => TreeSwap.Record(tx, sessionId, id, m.Part.Name)));
            _swap.Complete(id);
        }
        return stop;
    }

    private static PartCopy[] Movable(SandboxHandle sandbox, List<PartCopy> copies, IReadOnlyList<string> used, CancellationToken cancellationToken) =>
        [.. copies.Where(c => c.AsMovable(sandbox, used, cancellationToken) is not null)];
}
