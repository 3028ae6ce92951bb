namespace Agb.Sandbox;

/// <summary>The mounts made before a sandbox.</summary>
internal sealed class StageMounts
{
    /// <summary>The table's name in the session's directory; also in <see cref="LaunchSequence"/>.</summary>
    private const string FileName = "mounts";

    private const UnixFileMode PassThrough =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private const UnixFileMode Readable = PassThrough | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private const UnixFileMode Temporary = (UnixFileMode)0b1_111_111_111;

    private readonly string _directory;
    private readonly string? _memory;
    private readonly IReadOnlyList<string> _trees;
    private readonly List<StageMount> _mounts = [];

    /// <summary>Plans the mounts.</summary>
    /// <param name="directory">The session's directory.</param>
    /// <param name="overlays">The overlays, in order.</param>
    /// <param name="memory">Options of the file system in memory; null for none.</param>
    /// <param name="trees">Shown directories and files of the host.</param>
    public StageMounts(string directory, IReadOnlyList<SessionOverlay> overlays, string? memory = null, IReadOnlyList<string>? trees = null)
    {
        _directory = directory;
        _trees = trees ?? [];
        var stage = SessionLayout.Stage(directory);
        // A private mount even onto itself: later mounts of the host below it, or below a tree, stay out of the sandbox.
        _mounts.Add(new(directory, stage, "none", MountFlags.Bind | MountFlags.Private, ""));
        if (memory is not null)
        {
            _memory = $"{stage}/{SessionLayout.Memory}";
            _mounts.Add(new("tmpfs", _memory, "tmpfs", MountFlags.NoSetUserId | MountFlags.NoDevices, memory));
        }
        foreach (var (name, options) in overlays)
        {
            _mounts.Add(new("overlay", $"{stage}/{name}/merged", "overlay", MountFlags.None, options));
        }
        for (var i = 0; i < _trees.Count; i++)
        {
            _mounts.Add(new(_trees[i], $"{stage}/{SessionLayout.Tree(i)}", "none", MountFlags.Bind | MountFlags.Recursive | MountFlags.Private, ""));
        }
    }

    /// <summary>Prepares the mounts outside of any namespace: the mount points of trees, and for an ordinary user a table in the form of
    /// fstab(5). Such a user may mount only in a user namespace, where one program mounts the whole table.</summary>
    /// <exception cref="IOException">It can't be written.</exception>
    public void Prepare()
    {
        for (var i = 0; i < _trees.Count; i++)
        {
            var point = Path.Combine(_directory, SessionLayout.Tree(i));
            if (i == 0)
            {
                MakePoint(Path.GetDirectoryName(point)!);
            }
            if (Directory.Exists(_trees[i]))
            {
                MakePoint(point);
            }
            else
            {
                File.WriteAllBytes(point, []);
            }
        }
        if (!SandboxIdentity.IsRoot)
        {
            File.WriteAllText(Path.Combine(_directory, FileName), string.Concat(_mounts.Select(m => m.ToLine())));
        }
    }

    /// <summary>For root, moves this thread and its later children to a new mount namespace, with the working directory <c>/</c>.
    /// Does nothing for others.</summary>
    /// <exception cref="AgbException">HostExhausted, HostNotReady: no namespace is available.</exception>
    /// <exception cref="IOException">The kernel refuses; HResult is the errno.</exception>
    public void Enter()
    {
        if (!SandboxIdentity.IsRoot)
        {
            return;
        }
        try
        {
            PrivateMounts.Enter();
        }
        catch (IOException e)
        {
            throw StartFailure.OfNamespace(_directory, e);
        }
        PrivateMounts.ChangeDirectory("/");
    }

    /// <summary>For root, mounts everything in the namespace of this thread and of its children since <see cref="Enter"/>. A
    /// program for it would cost more than the mounts. Does nothing for others.</summary>
    /// <exception cref="IOException">Something can't be mounted; HResult is the errno.</exception>
    public void Mount()
    {
        if (!SandboxIdentity.IsRoot)
        {
            return;
        }
        // Options name directories relative to it.
        PrivateMounts.ChangeDirectory(_directory);
        foreach (var (source, target, type, flags, data) in _mounts)
        {
            PrivateMounts.Mount(source, target, type, flags, data);
        }
        if (_memory is not null)
        {
            // SetMode: independent of the file mask of this process.
            foreach (var (path, mode) in new[] { ($"{_memory}/dev", Readable), ($"{_memory}/dev/shm", Temporary) })
            {
                Directory.CreateDirectory(path);
                ProcessFiles.SetMode(path, mode);
            }
        }
        PrivateMounts.ChangeDirectory("/");
    }

    // SetMode: independent of the file mask of this process.
    private static void MakePoint(string path)
    {
        Directory.CreateDirectory(path);
        ProcessFiles.SetMode(path, PassThrough);
    }

    /// <summary>One of the mounts.</summary>
    /// <param name="Source">The source, or the file system's own name.</param>
    /// <param name="Target">The mount point.</param>
    /// <param name="Type">The file system's type.</param>
    /// <param name="Flags">The options of all file systems.</param>
    /// <param name="Data">The file system's own options.</param>
    private readonly record struct StageMount(string Source, string Target, string Type, MountFlags Flags, string Data)
    {
        private static readonly (MountFlags Flag, string Name)[] s_names =
            [(MountFlags.Bind, "bind"), (MountFlags.Private, "private"), (MountFlags.NoSetUserId, "nosuid"), (MountFlags.NoDevices, "nodev")];

        /// <summary>A line of fstab(5).</summary>
        public string ToLine()
        {
            var flags = Flags;
            var all = flags.HasFlag(MountFlags.Recursive) ? "r" : "";
            var options = s_names.Where(n => flags.HasFlag(n.Flag)).Select(n => n.Flag is MountFlags.Bind or MountFlags.Private ? all + n.Name : n.Name).Concat(Data.Length == 0 ? Array.Empty<string>() : [Data]);
            return $"{Escape(Source)} {Escape(Target)} {Type} {string.Join(',', options)} 0 0\n";
        }

        // Escapes the separators of fields, and the escape character.
        private static StringBuilder Escape(string path) => new StringBuilder(path)
            .Replace("\\", "\\134")
            .Replace(" ", "\\040")
            .Replace("\t", "\\011")
            .Replace("\n", "\\012")
            .Replace("#", "\\043");
    }
}
