using System.Globalization;

namespace Agb.Sandbox;

/// <summary>How a command gets into a sandbox that runs already.</summary>
/// <remarks>Whoever joins a user namespace holds every capability in it until the next exec. So the programs of the chain
/// are the host's own up to nsenter; the exec of the first program inside drops the capabilities, because its user is not
/// root there, and no_new_privs, which the chain is started with (<see cref="ThreadConfinement"/>), keeps it so. Only the
/// bounding set stays full, which is of no use under no_new_privs.</remarks>
internal static class CommandEntry
{
    // What may differ from the host's, by its name in /proc/pid/ns and nsenter's option.
    private static readonly (string Name, string Option)[] s_namespaces =
        [("mnt", "--mount"), ("pid", "--pid"), ("ipc", "--ipc"), ("uts", "--uts"), ("net", "--net"), ("cgroup", "--cgroup")];

    // What a sandbox's processes inherit; the caller's own may be stricter or laxer.
    private const string Mask = "0022";

    // Ends as env(1) does when it can't change the directory.
    private const string ChangeDirectory = "cd -- \"$1\" || exit 125; shift; exec \"$@\"";

    /// <summary>Builds the arguments.</summary>
    /// <param name="handle">The sandbox.</param>
    /// <param name="directory">Where to run.</param>
    /// <param name="environment">All of the command's environment.</param>
    /// <param name="command">The program to run inside, and its arguments.</param>
    /// <param name="shellChangesDirectory">Whether the image's env(1) can't change the directory, so that its shell must.</param>
    public static IReadOnlyList<string> Build(
        SandboxHandle handle, string directory, IReadOnlyDictionary<string, string> environment, IReadOnlyList<string> command,
        bool shellChangesDirectory = false)
    {
        // Before everything else: from the first instant in the sandbox its limits hold for the command.
        List<string> arguments = [.. LimitEntry.Build(handle.Controls ?? SandboxControls.None)];
        if (ProcessTable.ReadOwnFileMask() is { } mask && mask != Mask)
        {
            arguments.AddRange([HostTools.Require("sh"), "-c", $"umask {Mask}; exec \"$@\"", "sh"]);
        }
        var nsenter = HostTools.Require("nsenter");
        if (SandboxIdentity.IsRoot)
        {
            var id = SandboxIdentity.InnerUid.ToString(CultureInfo.InvariantCulture);
            // It drops the supplementary groups by itself, before it enters (nsenter(1), --setgid).
            arguments.AddRange([nsenter, "--target", Number(handle.InitPid), "--user", "--setuid", id, "--setgid", id]);
        }
        else
        {
            // The sandbox's namespace lies in another one, made for its mounts; only from there can it be entered.
            arguments.AddRange([nsenter, "--target", Number(handle.MonitorPid), "--user", "--preserve-credentials"]);
            arguments.AddRange([nsenter, "--target", Number(handle.InitPid), "--user", "--preserve-credentials"]);
        }
        foreach (var (name, option) in s_namespaces)
        {
            if (ProcessTable.ReadNamespace(handle.InitPid, name) is { } theirs
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

    /// <summary>Whether an image's env(1) is busybox's, as on Alpine, which has no option for the directory.</summary>
    public static bool HasPlainEnv(AgbImage image)
    {
        var env = new FileInfo(Path.Combine(image.Root, "usr/bin/env"));
        return env.LinkTarget?.EndsWith("busybox", StringComparison.Ordinal) == true;
    }

    private static string Number(int pid) => pid.ToString(CultureInfo.InvariantCulture);
}
