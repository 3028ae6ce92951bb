namespace Agb.Sandbox;

/// <summary>Builds the bubblewrap arguments of a sandbox (bwrap(1)). Later arguments are laid over earlier ones.
/// Only options of bubblewrap 0.4 are used.</summary>
internal sealed class BubblewrapArguments
{
    private readonly SandboxSpec _spec;
    private readonly ImageRoot _root;
    private readonly string _stage;
    private readonly string[] _shown;
    private readonly List<string> _arguments = [];

    private BubblewrapArguments(SandboxSpec spec, ImageRoot root)
    {
        _spec = spec;
        _root = root;
        _stage = SessionLayout.Stage(spec.SessionDirectory);
        _shown = FindShown();
    }

    /// <summary>The unchanged trees and files of the image, mounted by <see cref="StageMounts"/>: paths in the sandbox.</summary>
    public static IReadOnlyList<string> Shown(SandboxSpec spec, ImageRoot root) => new BubblewrapArguments(spec, root)._shown;

    /// <summary>Builds the arguments, without the program to run.</summary>
    public static IReadOnlyList<string> Build(SandboxSpec spec, ImageRoot root)
    {
        var builder = new BubblewrapArguments(spec, root);
        builder.AddNamespaces();
        builder.AddSystem();
        builder.AddOwnDirectories();
        builder.AddMasks();
        builder.AddMounts();
        builder.CloseMasks();
        builder.AddEnvironment();
        return builder._arguments;
    }

    private void AddNamespaces()
    {
        var id = SandboxIdentity.InnerUid.ToString(CultureInfo.InvariantCulture);
        Add("--unshare-user", "--uid", id, "--gid", id, "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try");
        if (_spec.Network == AgbNetwork.None)
        {
            Add("--unshare-net");
        }
        Add("--hostname", SessionEtc.HostName(_spec.SessionId));
        Add("--as-pid-1", "--die-with-parent", "--cap-drop", "ALL");
        Add("--info-fd", LaunchSequence.Info.ToString(CultureInfo.InvariantCulture));
    }

    private void AddSystem()
    {
        // The root directory and /dev/shm lie in the session's own tmpfs: the tmpfs of bubblewrap has no size limit.
        Add("--bind", $"{_stage}/{SessionLayout.Memory}", "/");
        foreach (var tree in _root.Trees)
        {
            if (_spec.UseOverlay)
            {
                Add("--bind", $"{_stage}/{SessionLayout.System}/{tree}/merged", "/" + tree);
            }
            else
            {
                AddReadOnlyTree("/" + tree);
            }
        }
        if (_spec.UseOverlay)
        {
            foreach (var submount in ShownSubmounts())
            {
                Add("--ro-bind", Source(submount), submount);
            }
        }
        foreach (var (name, link) in _root.Programs)
        {
            if (link is null)
            {
                Add("--ro-bind", Source("/" + name), "/" + name);
            }
            else
            {
                Add("--symlink", link, "/" + name);
            }
        }
        if (!_spec.UseOverlay && _root.Trees.Contains("etc"))
        {
            foreach (var name in SessionEtc.Names)
            {
                // Mounted on the target of a link: a link is no mount point.
                if (LinkResolver.Resolve(_root, "/etc/" + name) is { } target)
                {
                    Add("--ro-bind", $"{_stage}/{SessionLayout.Etc}/{name}", target);
                }
            }
        }
    }

    private void AddOwnDirectories()
    {
        Add("--proc", "/proc", "--dev", "/dev", "--bind", $"{_stage}/{SessionLayout.Memory}/dev/shm", "/dev/shm");
        Add("--remount-ro", "/dev");
        Add("--dir", "/run/lock");
        Add("--symlink", "../run", "/var/run", "--symlink", "../run/lock", "/var/lock");
        Add("--dir", "/var/cache", "--dir", "/var/log", "--dir", "/var/lib", "--dir", "/root", "--dir", "/mnt", "--dir", "/srv");
        foreach (var tree in _root.ReadOnly)
        {
            Add("--ro-bind", Source(tree), tree);
        }
        Add("--bind", $"{_stage}/{ForkFiles.Shown(_spec, "tmp")}", "/tmp");
        Add("--bind", $"{_stage}/{ForkFiles.Shown(_spec, "vartmp")}", "/var/tmp");
        Add("--bind", $"{_stage}/{ForkFiles.Shown(_spec, "home")}", "/home");
        if (!LinuxPath.IsAtOrBelow(_spec.Image.HomeDirectory, "/home"))
        {
            Add("--bind", $"{_stage}/{ForkFiles.Shown(_spec, "userhome")}", _spec.Image.HomeDirectory);
        }
    }

    /// <summary>Hides the engine's own files and the caller's home within the trees of the image.</summary>
    private void AddMasks()
    {
        foreach (var path in HiddenPaths())
        {
            Add("--tmpfs", path);
        }
    }

    /// <summary>Makes the masks read-only: their tmpfs has no size limit.</summary>
    private void CloseMasks()
    {
        foreach (var path in HiddenPaths().Where(p => _spec.Mounts.All(m => m.Target != p)))
        {
            Add("--remount-ro", path);
        }
    }

    private void AddMounts()
    {
        foreach (var mount in _spec.Mounts.OrderBy(m => m.Target, StringComparer.Ordinal))
        {
            var source = mount.Lowers is null ? "data" : "merged";
            Add(mount.IsReadOnly ? "--ro-bind" : "--bind", $"{_stage}/{mount.Name}/{source}", mount.Target);
        }
    }

    private void AddEnvironment()
    {
        Add("--chdir", _spec.Image.HomeDirectory);
        // The variables of the host's programs and of the shell in between.
        foreach (var name in HostTools.Environment.Select(e => e[..e.IndexOf('=')]).Concat(["PWD", "OLDPWD", "SHLVL", "_"]))
        {
            Add("--unsetenv", name);
        }
        foreach (var (name, value) in SessionEnvironment.Build(_spec.Image, null))
        {
            Add("--setenv", name, value);
        }
    }

    /// <summary>Shows a tree of the image read-only. On the way to a mount inside it, new directories show the entries
    /// one by one: the mount point can't be made in a read-only directory.</summary>
    private void AddReadOnlyTree(string path)
    {
        var onHost = _root.OnHost(path);
        var inside = _spec.Mounts.Where(m => m.Target != path && LinuxPath.IsAtOrBelow(m.Target, path)).ToArray();
        if (inside.All(m => Directory.Exists(_root.OnHost(m.Target))))
        {
            Add("--ro-bind", Source(path), path);
            return;
        }
        Add("--dir", path);
        foreach (var entry in new DirectoryInfo(onHost).EnumerateFileSystemInfos().OrderBy(e => e.Name, StringComparer.Ordinal))
        {
            var child = $"{path}/{entry.Name}";
            if (_spec.Mounts.Any(m => m.Target == child) || IsHidden(child))
            {
                continue;
            }
            if (entry.LinkTarget is { } link)
            {
                Add("--symlink", link, child);
            }
            else if (entry is DirectoryInfo && inside.Any(m => LinuxPath.IsAtOrBelow(m.Target, child)))
            {
                AddReadOnlyTree(child);
            }
            else
            {
                Add("--ro-bind", Source(child), child);
            }
        }
    }

    private string[] FindShown() =>
    [
        .. _spec.UseOverlay ? ShownSubmounts() : _root.Trees.Select(t => "/" + t),
        .. _root.Programs.Where(p => p.LinkTarget is null).Select(p => "/" + p.Name),
        .. _root.ReadOnly,
    ];

    private IEnumerable<string> ShownSubmounts() => _root.Submounts.Where(s => !IsGenerated(s) && !IsHidden(s));

    /// <summary>The staged source of a shown path, or of a path in a shown tree.</summary>
    private string Source(string path)
    {
        var i = Array.FindIndex(_shown, s => LinuxPath.IsAtOrBelow(path, s));
        return $"{_stage}/{SessionLayout.Tree(i)}{path[_shown[i].Length..]}";
    }

    private IEnumerable<string> HiddenPaths()
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        foreach (var path in new[] { (Path: _spec.AgbHome, IsHome: false), (Path: home, IsHome: true) }.Where(p => p.Path.StartsWith('/')))
        {
            var real = HostPaths.ResolveLinks(path.Path);
            if (!LinuxPath.IsAtOrBelow(real, _root.Path))
            {
                continue;
            }
            var inImage = _root.Path == "/" ? real : real[_root.Path.Length..];
            var shown = _root.Trees.Select(t => "/" + t).Concat(_root.ReadOnly);
            if (shown.Any(s => inImage != s && LinuxPath.IsAtOrBelow(inImage, s)) && !(path.IsHome && IsSystemHome(inImage)))
            {
                yield return inImage;
            }
        }
    }

    private bool IsHidden(string path) => HiddenPaths().Any(h => LinuxPath.IsAtOrBelow(path, h));

    /// <summary>The homes of system users, such as /usr/sbin or /usr/games, are needed by sessions.</summary>
    private static bool IsSystemHome(string home) => home.StartsWith("/usr/", StringComparison.Ordinal) && home.Count(c => c == '/') <= 2;

    private static bool IsGenerated(string path) => SessionEtc.Names.Any(n => path == "/etc/" + n);

    private void Add(params ReadOnlySpan<string> arguments) => _arguments.AddRange(arguments);
}
