namespace Agb.Sandbox;

/// <summary>An overlay to mount before the sandbox starts.</summary>
/// <param name="Name">Its directory below the session directory.</param>
/// <param name="Options">mount(8) options, with names relative to the session directory.</param>
internal readonly record struct SessionOverlay(string Name, string Options);

/// <summary>Fills a session's directory with the files and directories of its sandbox. Writable ones belong to the
/// session's host user; others may only pass through the session's directory itself.</summary>
internal static class SessionFiles
{
    internal const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    internal const UnixFileMode Shared = Private
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
    private const UnixFileMode PassThrough = Private | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
    internal const UnixFileMode Temporary = UnixFileMode.StickyBit | Private | (UnixFileMode)0b111_111;

    /// <summary>Makes all files and directories.</summary>
    /// <returns>The overlays to mount, in order.</returns>
    /// <exception cref="AgbException">SessionStartFailed when a sandbox was made in this directory before.</exception>
    public static IReadOnlyList<SessionOverlay> Prepare(SandboxSpec spec, ImageRoot root)
    {
        var directory = spec.SessionDirectory;
        // Root must never write into a used session directory: it would follow the session's links.
        if (Path.Exists(Path.Combine(directory, SessionLayout.Scratch)))
        {
            throw new AgbException(
                AgbErrorIds.SessionStartFailed, AgbErrorKind.InvalidState,
                $"A sandbox was started in '{directory}' before; each sandbox needs a new session directory.", target: directory);
        }
        ProcessFiles.SetMode(directory, SandboxIdentity.IsRoot ? PassThrough : Private);
        MakeScratch(directory, spec.Image.HomeDirectory);
        MakeDirectory(Path.Combine(directory, SessionLayout.Memory), Private);
        var overlays = new List<SessionOverlay>();
        foreach (var mount in spec.Mounts)
        {
            if (MakeMount(directory, mount) is { } overlay)
            {
                overlays.Add(overlay);
            }
        }
        if (spec.UseOverlay)
        {
            overlays.AddRange(ForkFiles.MakeScratch(spec));
            foreach (var tree in root.Trees)
            {
                overlays.Add(MakeSystemOverlay(spec, tree, root.OnHost("/" + tree)));
            }
        }
        MakeEtc(spec, root);
        return overlays;
    }

    private static void MakeScratch(string directory, string home)
    {
        var scratch = Path.Combine(directory, SessionLayout.Scratch);
        MakeDirectory(scratch, Private);
        MakeDirectory(Path.Combine(scratch, "tmp"), Temporary);
        MakeDirectory(Path.Combine(scratch, "vartmp"), Temporary);
        MakeDirectory(Path.Combine(scratch, "home"), Shared);
        if (LinuxPath.IsAtOrBelow(home, "/home"))
        {
            var path = scratch;
            foreach (var part in home.Split('/', StringSplitOptions.RemoveEmptyEntries))
            {
                path = Path.Combine(path, part);
                MakeDirectory(path, Shared);
            }
        }
        else
        {
            MakeDirectory(Path.Combine(scratch, "userhome"), Shared);
        }
    }

    /// <summary>Makes the directories of a context mount.</summary>
    /// <param name="directory">The session's directory.</param>
    /// <param name="mount">The mount.</param>
    /// <returns>Its overlay; null for a copy.</returns>
    /// <exception cref="AgbException">TooManyLayers.</exception>
    public static SessionOverlay? MakeMount(string directory, SandboxMount mount)
    {
        var path = Path.Combine(directory, mount.Name);
        MakeDirectory(path, Private);
        if (mount.Lowers is not { } lowers)
        {
            MakeDirectory(Path.Combine(path, "data"), mode: null);
            return null;
        }
        MakeDirectory(Path.Combine(path, "upper"), mode: null);
        MakeDirectory(Path.Combine(path, "work"), Private);
        MakeDirectory(Path.Combine(path, "merged"), Private);
        if (lowers == 0)
        {
            // The kernel wants at least one lower directory.
            MakeDirectory(Path.Combine(path, "empty"), Shared);
        }
        var names = lowers == 0 ? [mount.Name + "/empty"] : Enumerable.Range(0, lowers).Select(i => $"{mount.Name}/l{i}");
        var options = OverlayOptions.Build(mount.Name, mount.Marks, mount.KeepsLinks, names);
        return new(mount.Name, mount.Renames ? options : OverlayOptions.WithoutRenames(options));
    }

    private static SessionOverlay MakeSystemOverlay(SandboxSpec spec, string tree, string lower)
    {
        MakeDirectory(Path.Combine(spec.SessionDirectory, SessionLayout.System), Private);
        var name = $"{SessionLayout.System}/{tree}";
        var path = Path.Combine(spec.SessionDirectory, name);
        MakeDirectory(path, Private);
        MakeDirectory(Path.Combine(path, "upper"), Shared);
        MakeDirectory(Path.Combine(path, "work"), Private);
        MakeDirectory(Path.Combine(path, "merged"), Private);
        // Relative: a session can read the options of its mounts, and must not learn the path of the engine's directory.
        var skeleton = Path.GetRelativePath(spec.SessionDirectory, SystemSkeleton.Ensure(spec.AgbHome, tree, lower));
        return new(name, OverlayOptions.Build(
            name, OverlayMarks.User, links: false,
            [.. ForkFiles.Link(spec, tree, name), skeleton, lower == "/" + tree ? lower : Link(spec.SessionDirectory, name + "/l0", lower)]));
    }

    /// <summary>Gives a directory a name for mount options: its path may hold separators of options.</summary>
    internal static string Link(string directory, string name, string target)
    {
        File.CreateSymbolicLink(Path.Combine(directory, name), target);
        return name;
    }

    private static void MakeEtc(SandboxSpec spec, ImageRoot root)
    {
        string directory;
        if (spec.UseOverlay && root.Trees.Contains("etc"))
        {
            directory = Path.Combine(spec.SessionDirectory, SessionLayout.System, "etc", "upper");
        }
        else
        {
            directory = Path.Combine(spec.SessionDirectory, SessionLayout.Etc);
            MakeDirectory(directory, Private);
        }
        const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        foreach (var (name, text) in SessionEtc.Build(spec))
        {
            if (ForkFiles.HasEtc(spec, name))
            {
                continue;
            }
            var path = Path.Combine(directory, name);
            File.WriteAllText(path, text);
            ProcessFiles.SetMode(path, Readable);
            Own(path);
        }
    }

    /// <summary>Makes a directory of the session's.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="mode">Its mode; null keeps the mode of an existing directory and gives a new one <see cref="Shared"/>.</param>
    internal static void MakeDirectory(string path, UnixFileMode? mode)
    {
        if (!Directory.Exists(path))
        {
            Directory.CreateDirectory(path);
            mode ??= Shared;
        }
        if (mode is { } wanted)
        {
            ProcessFiles.SetMode(path, wanted);
        }
        Own(path);
    }

    private static void Own(string path)
    {
        if (SandboxIdentity.IsRoot)
        {
            ProcessFiles.SetOwner(path, SandboxIdentity.HostUid, SandboxIdentity.HostGid);
        }
    }
}
