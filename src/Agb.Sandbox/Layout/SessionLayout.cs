namespace Agb.Sandbox;

/// <summary>The layout of a session's directory on the host.</summary>
internal static class SessionLayout
{
    /// <summary>Overlays of the system's directories: <c>sys/usr/{l0,upper,work,merged}</c>.</summary>
    public const string System = "sys";

    /// <summary>The session's private /tmp, /var/tmp and /home.</summary>
    public const string Scratch = "scratch";

    /// <summary>The private directories in <see cref="Scratch"/>: /tmp, /var/tmp, /home and a home elsewhere.</summary>
    public static readonly IReadOnlyList<string> ScratchParts = ["tmp", "vartmp", "home", "userhome"];

    /// <summary>Whether a private directory is one for temporary files of all users.</summary>
    public static bool IsTemporary(string part) => part is "tmp" or "vartmp";

    /// <summary>The overlay of a private directory with fork layers: <c>scratch-tmp/{f0,upper,work,merged}</c>.</summary>
    public static string ForkedScratch(string part) => $"{Scratch}-{part}";

    /// <summary>The mount point of the session's file system in memory.</summary>
    public const string Memory = "ram";

    /// <summary>The mount point of the n-th unchanged tree of the host.</summary>
    public static string Tree(int number) => "trees/" + number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Generated files of /etc.</summary>
    public const string Etc = "etc";

    /// <summary>The socket of the sandbox's launcher.</summary>
    public const string Launcher = "launcher";

    /// <summary>Bubblewrap's info about the sandbox.</summary>
    public const string Info = "info.json";

    /// <summary>The closed routes of the session's own network, for ip(8).</summary>
    public const string Routes = "routes";

    /// <summary>The process id of the way out of the session's own network.</summary>
    public const string NetworkPid = "network.pid";

    /// <summary>The messages of the programs that make the session's own network.</summary>
    public const string NetworkLog = "network.log";

    /// <summary>The messages of the launch chain.</summary>
    public const string Log = "start.log";

    /// <summary>The <see cref="LaunchRecord"/>, written before the first process starts.</summary>
    public const string Launch = "launch.json";

    /// <summary>The record of a suspension.</summary>
    public const string Asleep = "asleep";

    /// <summary>The control group that freezes the session.</summary>
    public const string Freezer = "freezer.json";

    /// <summary>The session's directory in the view of the launch chain. Root's session directory may lie below a directory
    /// closed to the sandbox's host user, so it is bound here, in the sandbox's mount namespace: all sandboxes share this path
    /// and see only their own directory.</summary>
    public static string Stage(string sessionDirectory) => SandboxIdentity.IsRoot ? RootStage : sessionDirectory;

    /// <summary>The mount point used by root for all sandboxes, made when missing. In a user namespace root may not be able to make it;
    /// the directory above it exists on every Linux system and serves as well, since no other process sees the mount.</summary>
    public static string RootStage => s_rootStage.Value;

    private static readonly Lazy<string> s_rootStage = new(() =>
    {
        const string Above = "/run", Own = Above + "/agb";
        try
        {
            if (!Directory.Exists(Own))
            {
                Directory.CreateDirectory(Own);
                ProcessFiles.SetMode(Own, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
            }
            return Own;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Above;
        }
    });
}
