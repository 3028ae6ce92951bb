namespace Agb.Engine;

/// <summary>One changing tree of a running session: a mount, a private directory or a system directory.</summary>
/// <param name="Name">The part's name: its directory in a fork layer.</param>
/// <param name="Own">The session's own tree, a path on the host.</param>
/// <param name="Marks">The marks in it.</param>
/// <param name="Layers">The fork layers under it, topmost first.</param>
internal sealed record OriginPart(string Name, string Own, OverlayMarks Marks, string Layers)
{
    // An overlay over more layers opens each directory in each of them.
    private const int MostLayers = 8;

    /// <summary>The mount, for a context.</summary>
    internal MountRow? Mount { get; init; }

    /// <summary>Whether the tree holds only changes, and can lie under the changes of a fork.</summary>
    internal bool IsLayer { get; init; } = true;

    /// <summary>Whether an entry belongs to the running session alone.</summary>
    internal Func<ScannedEntry, bool> IsLeftOut { get; init; } = _ => false;

    /// <summary>The path of the tree in the sandbox.</summary>
    internal required string Inside { get; init; }

    /// <summary>Whether the fork layers are copied too, as one: there are many.</summary>
    internal bool IsDeep => LayerStack.Parse(Layers).Length >= MostLayers;

    /// <summary>The parts of a running session.</summary>
    /// <param name="paths">The store.</param>
    /// <param name="session">The session.</param>
    /// <param name="image">Its image, with its home.</param>
    /// <param name="mounts">Its mounts.</param>
    /// <param name="layers">Its fork layers by part.</param>
    /// <param name="mountOf">The mount methods.</param>
    internal static IEnumerable<OriginPart> Of(
        StorePaths paths, string session, AgbImage image, IReadOnlyList<MountRow> mounts, IReadOnlyDictionary<string, string> layers,
        Func<MountKind, IContextMount> mountOf)
    {
        foreach (var mount in mounts)
        {
            var method = mountOf(mount.Kind);
            yield return new(mount.Name, Path.Combine(paths.Mount(session, mount.Name), method.TreeName), method.Marks, mount.Forks)
            {
                Mount = mount,
                Inside = mount.Path,
                IsLayer = method.IsOverlay,
            };
        }
        var directory = paths.Session(session);
        foreach (var tree in (string[])["usr", "etc", "opt"])
        {
            var upper = Path.Combine(directory, SessionLayout.System, tree, "upper");
            if (Directory.Exists(upper))
            {
                var started = tree == "etc" ? LaunchTime(directory) : 0;
                yield return new(tree, upper, OverlayMarks.User, layers.GetValueOrDefault(tree, ""))
                {
                    Inside = "/" + tree,
                    // Generated for each session, unless changed since.
                    IsLeftOut = e => started > 0 && SessionEtcFiles.Contains(e.Path) && e.Stat.MtimeNs <= started,
                };
            }
        }
        foreach (var part in SessionLayout.ScratchParts)
        {
            var forked = Path.Combine(directory, SessionLayout.ForkedScratch(part), "upper");
            var plain = Path.Combine(directory, SessionLayout.Scratch, part);
            var isForked = Directory.Exists(forked);
            if (isForked || Directory.Exists(plain))
            {
                yield return new(part, isForked ? forked : plain, isForked ? OverlayMarks.User : OverlayMarks.None, layers.GetValueOrDefault(part, ""))
                {
                    Inside = part switch { "tmp" => "/tmp", "vartmp" => "/var/tmp", "home" => "/home", _ => image.HomeDirectory },
                    IsLeftOut = e => IsOfDesktop(part, e.Path),
                };
            }
        }
    }

    /// <summary>Whether a path in the sandbox is an entry of this part.</summary>
    internal bool Has(string path) => LinuxPath.IsAtOrBelow(path, Inside);

    /// <summary>The raw path of an entry relative to the tree, for a path in the sandbox.</summary>
    internal string Relative(string path) => BytePath.FromText(path[Inside.Length..].TrimStart('/'));

    private static readonly HashSet<string> SessionEtcFiles = [.. SessionEtc.Names];

    private static long LaunchTime(string directory)
    {
        using var session = Fd.OpenDirectory(directory);
        return session.TryStatAt(SessionLayout.Launch)?.MtimeNs ?? 0;
    }

    // Sockets and locks of the X server, and the records of desktop.sh: a fork gets a new desktop.
    private static bool IsOfDesktop(string part, string path) => part switch
    {
        "tmp" => path.StartsWith(".X", StringComparison.Ordinal) || path.StartsWith(".ICE-unix", StringComparison.Ordinal),
        "vartmp" => BytePath.IsAtOrBelow(path, ".agb-desktop"),
        _ => false,
    };
}
