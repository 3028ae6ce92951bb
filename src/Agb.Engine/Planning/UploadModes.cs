namespace Agb.Engine;

/// <summary>Keeps data in its upload mode: a session with the other mode would not find its files.</summary>
internal static class UploadModes
{
    /// <summary>Checks the upload mode of a mount's policy, independent of the context.</summary>
    /// <exception cref="AgbException">PolicyNotSupported.</exception>
    internal static void Require(AgbContextSync sync)
    {
        var rules = new EffectivePolicy(sync.Policy, sync.Path);
        if (!rules.IsArchive)
        {
            return;
        }
        if (rules.Origin == "/")
        {
            throw NotSupported("The whole context can't be stored as an archive.", "Map a path below it, such as /home/data.", rules.Origin);
        }
        if (rules.Lifecycle != AgbLifecycle.Lifecycle_Forever
            && sync.Policy.Recycle.Paths.FirstOrDefault(p => PathFilter.Relative(p, sync.Path).Length > 0) is { } path)
        {
            throw NotSupported(
                $"The recycle path '{path}' lies inside an archive, which is kept or removed as a whole.",
                "Use the upload mode File, or the lifecycle for the whole mount.", path);
        }
    }

    /// <summary>Refuses a change of the mode of existing data.</summary>
    /// <param name="origins">The context's origins.</param>
    /// <param name="contextName">The context's name or id, for the message.</param>
    /// <param name="rules">The mount's policy.</param>
    /// <param name="head">The context's newest version.</param>
    /// <exception cref="AgbException">PolicyNotSupported.</exception>
    internal static void Require(
        IReadOnlyList<OriginRow> origins, string contextName, EffectivePolicy rules, Snapshot head)
    {
        var origin = rules.Origin;
        foreach (var other in origins.Where(o => o.Mode == AgbUploadMode.Archive && LinuxPath.IsAtOrBelow(origin, o.Path)))
        {
            if ((other.Path != origin || !rules.IsArchive) && HasData(other.Path, head))
            {
                throw Switched(contextName, other.Path, AgbUploadMode.Archive, origin);
            }
        }
        if (rules.IsArchive && !origins.Any(o => o.Path == origin && o.Mode == AgbUploadMode.Archive) && HasData(origin, head))
        {
            throw Switched(contextName, origin, AgbUploadMode.File, origin);
        }
    }

    private static bool HasData(string origin, Snapshot head)
    {
        using var stored = head.OpenOrigin(origin);
        return new MergedListing().Of(stored).Any();
    }

    private static AgbException Switched(string contextName, string stored, AgbUploadMode mode, string origin) => NotSupported(
        $"The context '{contextName}' holds data under '{stored}' in the upload mode {mode}; the mode of existing data can't be changed.",
        $"Mount it with the upload mode {mode}{(stored == origin ? "" : $" at '{stored}'")}, or use another context or path.", origin);

    private static AgbException NotSupported(string message, string remedy, string target) =>
        new(AgbErrorIds.PolicyNotSupported, AgbErrorKind.InvalidState, message, remedy, target);
}
