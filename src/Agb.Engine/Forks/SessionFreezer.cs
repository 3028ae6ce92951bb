namespace Agb.Engine;

/// <summary>Makes a fork layer of a running session's files: first a copy beside the running session, then, with the session
/// stopped, of the entries changed meanwhile.</summary>
internal sealed class SessionFreezer(EngineParts parts)
{
    private static readonly HashSet<string> s_noSuspects = [];

    private readonly LinkedNames _names = new(parts.Paths);

    /// <summary>Makes a fork layer. The caller holds the session's lock.</summary>
    /// <param name="sessionId">The session.</param>
    /// <param name="image">Its image, with its home.</param>
    /// <param name="sandbox">Its sandbox.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The layer, and the time of the stop.</returns>
    internal async Task<(ForkSource Source, TimeSpan Stop)> FreezeAsync(string sessionId, AgbImage image, SandboxHandle sandbox, CancellationToken cancellationToken)
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
            copies.ForEach(c => c.Bring(young, s_noSuspects, cancellationToken));
            var stop = Stop(sandbox, copies, young, cancellationToken);
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
            copies.ForEach(c => c.Dispose());
            TreeRemover.Remove(paths.Fork(id));
            throw;
        }
        finally
        {
            copies.ForEach(c => c.Dispose());
        }
    }

    private static TimeSpan Stop(SandboxHandle sandbox, List<PartCopy> copies, long young, CancellationToken cancellationToken)
    {
        using var stopped = StoppedSandbox.Begin(sandbox);
        FaultPoint.Reach(FaultPoint.ForkStopped);
        do
        {
            copies.ForEach(c => c.Bring(young, stopped.SharedMaps, cancellationToken));
        }
        while (stopped.StopNew());
        return stopped.Elapsed;
    }
}
