namespace Agb.Engine;

/// <summary>Makes a session's tree a fork layer by a rename: an overlay with an empty upper directory takes its place in the running
/// sandbox. A link beside the layer names the session until the catalog knows the layer, so that a kill midway can be
/// resolved.</summary>
internal sealed class TreeSwap(StorePaths paths, CatalogDb catalog)
{
    private const string OldWork = "work.";
    private const string PartSuffix = ".swap";

    /// <summary>Notes that trees of a session are going to be moved into a fork layer.</summary>
    internal void Note(string forkId, string sessionId) => File.CreateSymbolicLink(paths.ForkNote(forkId), sessionId);

    /// <summary>Whether the tree can be moved: no other mount lies below it, and no process uses it.</summary>
    /// <param name="sandbox">The sandbox.</param>
    /// <param name="inside">The tree's path in the sandbox.</param>
    /// <param name="used">Paths in use by processes of the sandbox.</param>
    internal static bool CanMove(SandboxHandle sandbox, string inside, IReadOnlyList<string> used) =>
        SandboxOverlays.LowersOf(sandbox, inside, out var hasMountsBelow) is not null && !hasMountsBelow
        && !used.Any(path => LinuxPath.IsAtOrBelow(path, inside));

    /// <summary>Moves the tree of a part. The sandbox's processes are stopped by the caller.</summary>
    /// <param name="sandbox">The sandbox.</param>
    /// <param name="sessionId">The session.</param>
    /// <param name="forkId">The fork layer.</param>
    /// <param name="part">The part.</param>
    /// <exception cref="AgbException">MountFailed: nothing has changed.</exception>
    internal void Move(SandboxHandle sandbox, string sessionId, string forkId, MovablePart part)
    {
        var session = paths.Session(sessionId);
        var place = PlaceOf(session, part.Name, Path.GetRelativePath(session, part.Tree));
        var lowers = SandboxOverlays.LowersOf(sandbox, part.Inside, out _)!;
        File.CreateSymbolicLink(PartNote(forkId, part.Name), Path.GetRelativePath(session, part.Tree));
        using (var fork = Fd.OpenDirectory(paths.Fork(forkId)))
        using (var holder = Fd.OpenDirectory(Path.GetDirectoryName(place.Tree)!))
        {
            holder.MoveDirectoryAt(Path.GetFileName(place.Tree), fork, part.Name);
        }
        FaultPoint.Reach(FaultPoint.ForkMoved);
        try
        {
            MakeEmpty(place, forkId, part.Name);
            var name = Path.GetRelativePath(session, place.Overlay);
            var options = OverlayOptions.Build(name, part.Marks, links: false, [$"{name}/{forkId}", .. lowers]);
            SandboxOverlays.Replace(sandbox, session, new(name, OverlayOptions.WithoutRenames(options)), part.Inside);
        }
        catch
        {
            MoveBack(place, forkId, part.Name);
            File.Delete(PartNote(forkId, part.Name));
            throw;
        }
        FaultPoint.Reach(FaultPoint.ForkSwapped);
    }

    /// <summary>Records that all moves are done, and known to the catalog.</summary>
    internal void Complete(string forkId)
    {
        foreach (var note in Directory.GetFileSystemEntries(paths.Fork(forkId), "*" + PartSuffix))
        {
            File.Delete(note);
        }
        File.Delete(paths.ForkNote(forkId));
    }

    /// <summary>Resolves moves of a dead process. The caller holds the session's lock.</summary>
    internal void RecoverSession(string sessionId)
    {
        foreach (var forkId in ForkLayers.Noted(paths).Where(n => n.SessionId == sessionId).Select(n => n.ForkId).ToArray())
        {
            var row = catalog.Read(tx => SessionTable.Find(tx, sessionId));
            var sandbox = SandboxHandle.Parse(row?.Sandbox) is { IsAlive: true } handle ? handle : null;
            foreach (var note in Directory.GetFileSystemEntries(paths.Fork(forkId), "*" + PartSuffix))
            {
                Resolve(sessionId, forkId, Path.GetFileName(note)[..^PartSuffix.Length], sandbox);
            }
            Complete(forkId);
        }
    }

    private void Resolve(string sessionId, string forkId, string part, SandboxHandle? sandbox)
    {
        if (!Directory.Exists(paths.Session(sessionId)) || !Directory.Exists(Path.Combine(paths.Fork(forkId), part)))
        {
            // The session's files are gone, or the tree was not moved yet.
            return;
        }
        var place = PlaceOf(paths.Session(sessionId), part, new FileInfo(PartNote(forkId, part)).LinkTarget!);
        if (sandbox is not null && !IsMounted(sandbox, forkId, part))
        {
            MoveBack(place, forkId, part);
            return;
        }
        MakeEmpty(place, forkId, part);
        catalog.Write(tx => Record(tx, sessionId, forkId, part));
    }

    /// <summary>Records the layer of a moved tree.</summary>
    internal static void Record(CatalogTransaction tx, string sessionId, string forkId, string part)
    {
        var layers = ForkTable.OfSession(tx, sessionId).GetValueOrDefault(part, "");
        if (!LayerStack.Parse(layers).Contains(forkId))
        {
            ForkTable.Put(tx, sessionId, part, $"{forkId} {layers}".TrimEnd());
        }
    }

    private static bool IsMounted(SandboxHandle sandbox, string forkId, string part) => File.ReadLines(
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"/proc/{sandbox.InitPid}/mountinfo"))
        .Any(line => line.Contains($"{part}/{forkId}", StringComparison.Ordinal));

    /// <summary>Makes the empty upper directory and the name of the moved tree, as far as they are missing.</summary>
    private void MakeEmpty(Place place, string forkId, string part)
    {
        Directory.CreateDirectory(place.Overlay);
        using var overlay = Fd.OpenDirectory(place.Overlay);
        var oldWork = OldWork + forkId;
        if (overlay.TryStatAt(oldWork) is null && overlay.TryStatAt("work") is not null)
        {
            // In use by the old mount until the end of the session.
            overlay.RenameAt("work", overlay, oldWork);
        }
        using (var moved = Fd.OpenTree(Path.Combine(paths.Fork(forkId), part)))
        {
            if (overlay.TryStatAt("upper") is null)
            {
                using var made = EntryCopier.MakeDirectory(moved, overlay, "upper");
                EntryCopier.FinishDirectory(made, moved.Stat());
            }
        }
        foreach (var name in (string[])["work", "merged"])
        {
            if (overlay.TryStatAt(name) is null)
            {
                overlay.MkdirAt(name);
                SessionOwner.ChownToSession(overlay, name);
            }
        }
        if (overlay.TryStatAt(forkId) is null)
        {
            overlay.SymlinkAt(BytePath.FromText(Path.Combine(paths.Fork(forkId), part)), forkId);
        }
    }

    /// <summary>Gives the session its tree back, from any step of the move.</summary>
    private void MoveBack(Place place, string forkId, string part)
    {
        if (Directory.Exists(place.Overlay))
        {
            File.Delete(Path.Combine(place.Overlay, forkId));
            TreeRemover.Remove(Path.Combine(place.Overlay, "upper"));
            using var overlay = Fd.OpenDirectory(place.Overlay);
            if (overlay.TryStatAt(OldWork + forkId) is not null)
            {
                TreeRemover.RemoveAt(overlay, "work");
                overlay.RenameAt(OldWork + forkId, overlay, "work");
            }
            else if (place.IsPlain)
            {
                TreeRemover.Remove(place.Overlay);
            }
        }
        using var fork = Fd.OpenDirectory(paths.Fork(forkId));
        using var holder = Fd.OpenDirectory(Path.GetDirectoryName(place.Tree)!);
        fork.MoveDirectoryAt(part, holder, Path.GetFileName(place.Tree));
    }

    private string PartNote(string forkId, string part) => Path.Combine(paths.Fork(forkId), part + PartSuffix);

    /// <summary>The place of a part in a session's directory.</summary>
    /// <param name="Overlay">The directory of its overlay.</param>
    /// <param name="Tree">The session's own tree.</param>
    private sealed record Place(string Overlay, string Tree)
    {
        /// <summary>Whether the tree is a private directory without an overlay so far.</summary>
        internal bool IsPlain => Path.GetDirectoryName(Tree) != Overlay;
    }

    private static Place PlaceOf(string session, string part, string tree) => new(
        Path.Combine(session, SessionLayout.ScratchParts.Contains(part) ? SessionLayout.ForkedScratch(part)
            : part is "usr" or "etc" or "opt" ? $"{SessionLayout.System}/{part}" : part),
        Path.Combine(session, tree));
}

/// <summary>A tree to move into a fork layer.</summary>
/// <param name="Name">Its part.</param>
/// <param name="Tree">Its path on the host.</param>
/// <param name="Inside">Its path in the sandbox.</param>
/// <param name="Marks">The marks of its overlay.</param>
internal readonly record struct MovablePart(string Name, string Tree, string Inside, OverlayMarks Marks);
