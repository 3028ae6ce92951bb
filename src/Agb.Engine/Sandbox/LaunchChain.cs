using System.Globalization;
using Agb.Engine.Limits;

namespace Agb.Engine.Sandbox;

/// <summary>The chain of host programs that makes a sandbox. Each one replaces itself by the next.</summary>
internal static class LaunchChain
{
    // $1 stage, $2 directory to bind there or empty, $3 options of the file system in memory or empty, $4 how many overlays,
    // then name and options of each, then the rest. Before that, stdin must be at its end: bubblewrap is killed when its parent
    // ends, and setsid, which is its parent at first, may be slow to do so.
    private const string Setup =
        """
        set -eu
        umask 022
        stage=$1
        if [ -n "$2" ]; then
            mkdir -p -m 0711 "$stage"
            mount --bind "$2" "$stage"
        fi
        if [ -n "$3" ]; then
            mount --internal-only --no-mtab -t tmpfs -o "$3" tmpfs "$stage/ram"
            mkdir -p -m 1777 "$stage/ram/dev/shm"
        fi
        count=$4
        shift 4
        while [ "$count" -gt 0 ]; do
            cd "$stage/$1"
            mount --internal-only --no-mtab -t overlay overlay -o "$2" merged
            shift 2
            count=$((count - 1))
        done
        cd /
        read -r _ || :
        if [ -p "$stage/hold" ]; then
            exec 0<>"$stage/hold" 9>"$stage/info.json"
        fi
        exec "$@"
        """;

    // The sandbox's pid 1: the kernel shields it from every signal sent inside. It reaps orphans, and waits for ever on
    // descriptor 3, a FIFO that it holds open for writing too. Killing the waiting child only makes it start another.
    // When nobody reads what it says, its creator is gone and it ends. $1 is its process limit or empty: it can be traced from
    // inside, so the limit must hold for it too. Shells call that limit -p or -u.
    private const string Init =
        """
        [ -z "$1" ] || ulimit -p "$1" 2>/dev/null || ulimit -u "$1" || exit 1
        exec 3<&0 </dev/null
        shell=/bin/sh
        [ -x /bin/bash ] && shell=/bin/bash
        echo "ready $shell" || exit 1
        exec >/dev/null 2>&1
        while :; do
            (read -r _ <&3) &
            wait $!
        done
        """;

    /// <summary>The arguments for a sandbox.</summary>
    /// <param name="spec">What it shall be.</param>
    /// <param name="root">Its image's root.</param>
    /// <param name="overlays">What to mount first.</param>
    /// <param name="controls">How its limits are held.</param>
    /// <param name="tag">The mark that all its processes carry.</param>
    public static IReadOnlyList<string> ForSandbox(
        SandboxSpec spec, ImageRoot root, IReadOnlyList<SessionOverlay> overlays, SandboxControls controls, ulong tag)
    {
        var limit = tag.ToString(CultureInfo.InvariantCulture);
        List<string> chain =
        [
            // The mark comes first, so that no later process of the chain is without it.
            HostTools.Require("prlimit"), $"--locks={limit}:{limit}", .. LimitEntry.OfSandbox(controls),
            .. LimitEntry.EnterGroups(controls),
            // A session of its own, and a new parent: neither Ctrl+C nor the end of this process reaches the sandbox.
            HostTools.Require("setsid"), "--fork",
            .. Stage(spec.SessionDirectory, overlays, MemoryFiles.OptionsFor(spec.Limits)),
        ];
        if (spec.MaxLifetime is { } lifetime)
        {
            // Outside the sandbox, where nothing inside can stop the clock. The end of bubblewrap ends all of it.
            var seconds = lifetime.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);
            chain.AddRange([HostTools.Require("timeout"), "--signal=KILL", seconds]);
        }
        chain.AddRange(DropRoot());
        chain.AddRange([HostTools.Require("bwrap"), .. BubblewrapArguments.Build(spec, root), "--", "/bin/sh", "-c", Init, "sh", LimitEntry.ProcessesOf(controls)]);
        return chain;
    }

    /// <summary>The part that makes the mounts and goes on with what follows: in a user namespace of its own for an ordinary
    /// user, in a private mount namespace for root.</summary>
    /// <param name="directory">The session's directory.</param>
    /// <param name="overlays">What to mount.</param>
    /// <param name="memory">Options of the file system in memory; empty for none.</param>
    public static IReadOnlyList<string> Stage(string directory, IReadOnlyList<SessionOverlay> overlays, string memory = "") =>
    [
        HostTools.Require("unshare"),
        .. SandboxIdentity.IsRoot ? Array.Empty<string>() : ["--user", "--map-root-user"],
        "--mount", "--propagation", "private",
        HostTools.Require("sh"), "-c", Setup, "sh",
        SessionLayout.Stage(directory), SandboxIdentity.IsRoot ? directory : "", memory,
        overlays.Count.ToString(CultureInfo.InvariantCulture),
        .. overlays.SelectMany(o => new[] { o.Name, o.Options }),
    ];

    /// <summary>The part that gives up root, when the engine has it.</summary>
    public static IReadOnlyList<string> DropRoot() => SandboxIdentity.IsRoot
        ? [HostTools.Require("setpriv"), $"--reuid={SandboxIdentity.HostUid}", $"--regid={SandboxIdentity.HostGid}", "--clear-groups"]
        : [];
}
