using System.Globalization;

namespace Agb.Sandbox;

/// <summary>The chain of host programs that makes a sandbox. Each one replaces itself by the next.</summary>
internal static class LaunchChain
{
    /// <summary>The descriptor on which a line lets the sandbox be made.</summary>
    public const int Gate = 3;

    /// <summary>The descriptor that bubblewrap writes its info to.</summary>
    public const int Info = 4;

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

    // A new parent for the rest, which the end of the engine does not reach. The shell is ended by its child: what it started in the
    // background would ignore signals. The rest waits for a line from the engine: bubblewrap is killed when its parent ends, which the shell
    // may be slow to do, and mounts may still be missing. No line comes when something has failed.
    private const string Detach =
        """
        umask 022
        (
            kill -KILL $$
            read -r _ <&3 && exec "$@" 3<&-
        )
        exit 1
        """;

    // The sandbox's pid 1: the kernel shields it from every signal sent inside. It reaps orphans, and waits for ever on
    // descriptor 3, a FIFO that it holds open for writing too. Killing the waiting child only makes it start another. The first
    // one is there before it says that it is ready: a host without room for another process is heard of.
    // When nobody reads what it says, its creator is gone and it ends. $1 is its process limit or empty: it can be traced from
    // inside, so the limit must hold for it too. Shells call that limit -p or -u.
    private const string Init =
        """
        [ -z "$1" ] || ulimit -p "$1" 2>/dev/null || ulimit -u "$1" || exit 1
        exec 3<&0 </dev/null
        shell=/bin/sh
        [ -x /bin/bash ] && shell=/bin/bash
        (read -r _ <&3) >/dev/null 2>&1 &
        echo "ready $shell" || exit 1
        exec >/dev/null 2>&1
        while :; do
            wait $!
            (read -r _ <&3) &
        done
        """;

    /// <summary>The arguments for a sandbox.</summary>
    /// <param name="spec">What it shall be.</param>
    /// <param name="root">Its image's root.</param>
    /// <param name="controls">How its limits are held.</param>
    /// <param name="tag">The mark that all its processes carry.</param>
    public static IReadOnlyList<string> ForSandbox(SandboxSpec spec, ImageRoot root, SandboxControls controls, ulong tag)
    {
        var limit = tag.ToString(CultureInfo.InvariantCulture);
        List<string> chain =
        [
            // The mark comes first, so that no later process of the chain is without it. Not set by this process, which what else it starts
            // at that instant would inherit; and after the change of user it could be set from outside only with CAP_SYS_RESOURCE.
            HostTools.Require("prlimit"), $"--locks={limit}:{limit}", .. LimitEntry.OfSandbox(controls),
            .. LimitEntry.EnterGroups(controls), .. Detached(spec.SessionDirectory),
        ];
        if (spec.MaxLifetime is { } lifetime)
        {
            // Outside the sandbox, where nothing inside can stop the clock. The end of bubblewrap ends all of it.
            var seconds = lifetime.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);
            chain.AddRange([HostTools.Require("timeout"), "--signal=KILL", seconds]);
        }
        chain.AddRange([HostTools.Require("bwrap"), .. BubblewrapArguments.Build(spec, root), "--", "/bin/sh", "-c", Init, "sh", LimitEntry.ProcessesOf(controls)]);
        return chain;
    }

    /// <summary>The part that gives what follows a parent of its own, the rights of a session's user, and the mounts, and lets it begin when a line
    /// comes on descriptor <see cref="Gate"/>. Root's engine mounts meanwhile: see <see cref="StageMounts"/>.</summary>
    /// <param name="directory">The session's directory.</param>
    public static IReadOnlyList<string> Detached(string directory) => SandboxIdentity.IsRoot
        ? [.. DropRoot(), HostTools.Require("sh"), "-c", Detach, "sh"]
        : UserStage(directory, Detach);

    /// <summary>The part that goes on with what follows where the mounts are.</summary>
    /// <param name="directory">The session's directory.</param>
    public static IReadOnlyList<string> Stage(string directory) => SandboxIdentity.IsRoot ? [] : UserStage(directory, Continue);

    /// <summary>The part that gives up root, when the engine has it.</summary>
    public static IReadOnlyList<string> DropRoot() => SandboxIdentity.IsRoot
        ? [HostTools.Require("setpriv"), $"--reuid={SandboxIdentity.HostUid}", $"--regid={SandboxIdentity.HostGid}", "--clear-groups"]
        : [];

    // The mounts of an ordinary user, in a user namespace of its own. Slave, for the reason that PrivateMounts.Enter names.
    private static IReadOnlyList<string> UserStage(string directory, string goOn) =>
    [
        HostTools.Require("unshare"), "--user", "--map-root-user", "--mount", "--propagation", "slave",
        HostTools.Require("sh"), "-c", Mount + goOn, "sh", SessionLayout.Stage(directory), directory,
    ];
}
