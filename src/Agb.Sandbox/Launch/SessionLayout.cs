using System.Globalization;

namespace Agb.Sandbox;

/// <summary>What lies where in a session's directory on the host.</summary>
internal static class SessionLayout
{
    /// <summary>Overlays of the system's directories: <c>sys/usr/{l0,upper,work,merged}</c>.</summary>
    public const string System = "sys";

    /// <summary>The session's private /tmp, /var/tmp and /home.</summary>
    public const string Scratch = "scratch";

    /// <summary>The mount point of the session's file system in memory.</summary>
    public const string Memory = "ram";

    /// <summary>The mount point of the n-th tree of the host that the session is shown as it is.</summary>
    public static string Tree(int number) => "trees/" + number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Generated files of /etc.</summary>
    public const string Etc = "etc";

    /// <summary>A FIFO that the sandbox's first process waits on for ever.</summary>
    public const string Hold = "hold";

    /// <summary>What bubblewrap says about the sandbox that it made.</summary>
    public const string Info = "info.json";

    /// <summary>What the programs that make the sandbox print.</summary>
    public const string Log = "start.log";

    /// <summary>How to find the sandbox's processes, written before the first one starts.</summary>
    public const string Launch = "launch.json";

    /// <summary>Where the session's directory is seen while the sandbox is being made. Root's session directory may lie
    /// below a directory that the sandbox's host user may not enter, so it is bound here, in a mount namespace of the
    /// sandbox's own: all sandboxes use this one path and none sees another's.</summary>
    public static string Stage(string sessionDirectory) => SandboxIdentity.IsRoot ? RootStage : sessionDirectory;

    /// <summary>The mount point used by root: one that all sandboxes share, made when it is not there. In a user namespace root may not
    /// be able to make it; the directory above it, which every Linux system has, serves as well where no other process sees it.</summary>
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
