namespace Agb.Sandbox;

/// <summary>The entrance of a command into a running sandbox.</summary>
/// <remarks>A process that joins a user namespace holds every capability in it until the next exec. So the chain consists of
/// the host's own programs up to nsenter. The exec of the first program inside drops the capabilities, because its user is
/// not root there; no_new_privs, set for the whole chain by <see cref="ThreadConfinement"/>, keeps it so. Only the bounding
/// set stays full, without effect under no_new_privs.</remarks>
internal static class CommandEntry
{
    // Namespaces that may differ from the host's: names in /proc/pid/ns, and nsenter's options.
    private static readonly (string Name, string Option)[] s_namespaces =
        [("mnt", "--mount"), ("pid", "--pid"), ("ipc", "--ipc"), ("uts", "--uts"), ("net", "--net"), ("cgroup", "--cgroup")];

    // The file mask in a sandbox; the caller's own may be stricter or laxer.
    private const string Mask = "0022";

    // The exit code of env(1) when it can't change the directory.
    private const string ChangeDirectory = "cd -- \"$1\" || exit 125; shift; exec \"$@\"";

    /// <summary>Builds the arguments.</summary>
    /// <param name="handle">The sandbox.</param>
    /// <param name="directory">The working directory.</param>
    /// <param name="environment">The command's whole environment.</param>
    /// <param name="command">The program to run inside, and its arguments.</param>
    /// <param name="shellChangesDirectory">Whether the shell changes the directory, because the image's env(1) can't.</param>
    public static IReadOnlyList<string> Build(
        SandboxHandle handle, string directory, IReadOnlyDictionary<string, string> environment, IReadOnlyList<string> command,
        bool shellChangesDirectory = false)
    {
        // First of all, so that the limits hold for the command from its first instant in the sandbox.
        List<string> arguments = [.. LimitEntry.Build(handle.Controls ?? SandboxControls.None)];
        if (ProcessTable.ReadOwnFileMask() is { } mask && mask != Mask)
        {
            arguments.AddRange([HostTools.Require("sh"), "-c", $"umask {Mask}; exec \"$@\"", "sh"]);
        }
        var nsenter = HostTools.Require("nsenter");
        if (SandboxIdentity.IsRoot)
        {
            var id = SandboxIdentity.InnerUid.ToString(CultureInfo.InvariantCulture);
            // nsenter drops the supplementary groups before it enters (nsenter(1), --setgid).
            arguments.AddRange([nsenter, "--target", Number(handle.InitPid), "--user", "--setuid", id, "--setgid", id]);
        }
        else
        {
            // The sandbox's user namespace lies in another one, made for its mounts, and can be entered only from there.
            arguments.AddRange([nsenter, "--target", Number(handle.MonitorPid), "--user", "--preserve-credentials"]);
            if (SharesNetworkWithMonitor(handle))
            {
                arguments.Add("--net");
            }
            arguments.AddRange([nsenter, "--target", Number(handle.InitPid), "--user", "--preserve-credentials"]);
        }
        foreach (var (name, option) in s_namespaces)
        {
            if (ProcessTable.ReadNamespace(handle.InitPid, name) is { } theirs
                && !(name == "net" && !SandboxIdentity.IsRoot && SharesNetworkWithMonitor(handle))
                && theirs != ProcessTable.ReadNamespace(Environment.ProcessId, name))
            {
                arguments.Add(option);
            }
        }
        // --wd closes a way out: without it the host's working directory would stay open behind the new root.
        arguments.AddRange(["--root", "--wd", "/usr/bin/env", "-i"]);
        var variables = environment.Select(e => $"{e.Key}={e.Value}");
        if (shellChangesDirectory)
        {
            arguments.AddRange([.. variables, "/bin/sh", "-c", ChangeDirectory, "sh", directory, .. command]);
        }
        else
        {
            arguments.AddRange(["--chdir=" + directory, .. variables, .. command]);
        }
        return arguments;
    }

    /// <summary>Whether an image's env(1) is busybox's, as on Alpine: it has no option for the directory.</summary>
    public static bool HasPlainEnv(AgbImage image)
    {
        var env = new FileInfo(Path.Combine(image.Root, "usr/bin/env"));
        return env.LinkTarget?.EndsWith("busybox", StringComparison.Ordinal) == true;
    }

    /// <summary>Whether an ordinary user's sandbox has its network from the user namespace around it (<see cref="OwnNetwork"/>): only there
    /// can it be entered.</summary>
    internal static bool SharesNetworkWithMonitor(SandboxHandle handle) =>
        ProcessTable.ReadNamespace(handle.MonitorPid, "net") is { } theirs
        && theirs == ProcessTable.ReadNamespace(handle.InitPid, "net")
        && theirs != ProcessTable.ReadNamespace(Environment.ProcessId, "net");

    private static string Number(int pid) => pid.ToString(CultureInfo.InvariantCulture);
}
