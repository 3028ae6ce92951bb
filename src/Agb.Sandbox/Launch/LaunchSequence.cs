namespace Agb.Sandbox;

/// <summary>The chain of host programs for making a sandbox. Each one replaces itself by the next.</summary>
internal static class LaunchSequence
{
    /// <summary>The descriptor of the gate: a line on it lets the chain go on.</summary>
    public const int Gate = 3;

    /// <summary>The descriptor for bubblewrap's info.</summary>
    public const int Info = 4;

    /// <summary>The descriptor of the sandbox's first program: by its number it needs no path in the sandbox.</summary>
    public const int Program = 5;

    // $1 stage, $2 the session's directory, then the rest. One mount(8) for all mounts: each program costs more than a mount.
    private const string Mount =
        """
        set -eu
        umask 022
        stage=$1
        cd "$2"
        shift 2
        if [ -s mounts ]; then
            mount --all --internal-only --no-mtab --fstab mounts
        fi
        if [ -d "$stage/ram" ]; then
            mkdir -p -m 1777 "$stage/ram/dev/shm"
        fi
        cd /

        """;

    private const string Continue = "exec \"$@\"";

    // Detaches the rest from the engine's process. The shell is killed by its child, because its background processes would ignore
    // signals. The rest waits for a line from the engine: bubblewrap would be killed by the end of its parent, a shell that may be slow
    // to end, and mounts may still be missing. After a failure no line comes.
    private const string Detach =
        """
        umask 022
        (
            kill -KILL $$
            read -r _ <&3 && exec "$@" 3<&-
        )
        exit 1
        """;

    /// <summary>The arguments for a sandbox.</summary>
    /// <param name="spec">The specification of the sandbox.</param>
    /// <param name="root">Its image's root.</param>
    /// <param name="controls">The controls of its limits.</param>
    /// <param name="tag">The tag of all its processes.</param>
    public static IReadOnlyList<string> ForSandbox(SandboxSpec spec, ImageRoot root, SandboxControls controls, ulong tag)
    {
        var limit = tag.ToString(CultureInfo.InvariantCulture);
        List<string> chain =
        [
            // The tag comes first, so that every later process of the chain has it. Set in this process, it would be inherited by other
            // children started at that instant; after the change of user, setting it from outside takes CAP_SYS_RESOURCE.
            HostTools.Require("prlimit"), $"--locks={limit}:{limit}", .. LimitEntry.OfSandbox(controls),
            .. LimitEntry.EnterGroups(controls), .. Detached(spec.SessionDirectory, spec.Network),
        ];
        var lifetime = spec.MaxLifetime is { } most ? LaunchRequest.Milliseconds(most).ToString(CultureInfo.InvariantCulture) : "";
        chain.AddRange([HostTools.Require("bwrap"), .. BubblewrapArguments.Build(spec, root), "--", $"/proc/self/fd/{Program}", LimitEntry.ProcessesOf(controls), lifetime]);
        return chain;
    }

    /// <summary>The part that detaches the rest of the chain, gives it the rights of a session's user and the mounts, and starts it
    /// after a line on descriptor <see cref="Gate"/>. Root's engine mounts meanwhile: see <see cref="StageMounts"/>.</summary>
    /// <param name="directory">The session's directory.</param>
    /// <param name="network">The session's network.</param>
    public static IReadOnlyList<string> Detached(string directory, AgbNetwork network) => SandboxIdentity.IsRoot
        ? [.. DropRoot(), HostTools.Require("sh"), "-c", Detach, "sh"]
        : UserStage(directory, Detach, network == AgbNetwork.Own ? ["--net"] : []);

    /// <summary>The part that runs the rest of the chain in the mount namespace of the mounts.</summary>
    /// <param name="directory">The session's directory.</param>
    public static IReadOnlyList<string> Stage(string directory) => SandboxIdentity.IsRoot ? [] : UserStage(directory, Continue, []);

    /// <summary>The part that drops root; empty for an ordinary user.</summary>
    public static IReadOnlyList<string> DropRoot() => SandboxIdentity.IsRoot
        ? [HostTools.Require("setpriv"), $"--reuid={SandboxIdentity.HostUid}", $"--regid={SandboxIdentity.HostGid}", "--clear-groups"]
        : [];

    // The mounts of an ordinary user, in a new user namespace. Slave: see PrivateMounts.Enter for the reason.
    private static IReadOnlyList<string> UserStage(string directory, string goOn, IReadOnlyList<string> more) =>
    [
        HostTools.Require("unshare"), "--user", "--map-root-user", .. more, "--mount", "--propagation", "slave",
        HostTools.Require("sh"), "-c", Mount + goOn, "sh", SessionLayout.Stage(directory), directory,
    ];
}
