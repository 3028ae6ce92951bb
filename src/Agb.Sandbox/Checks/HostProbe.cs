using System.Collections.Concurrent;

namespace Agb.Sandbox;

/// <summary>Tries whether this host can make sandboxes and overlays, and keeps the result.</summary>
internal static class HostProbe
{
    private const string FileName = "host-probe.json";

    // Raised with every change of the probes, to invalidate older verdicts.
    private const int Generation = 5;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);
    private static readonly ConcurrentDictionary<string, HostVerdict> s_known = new(StringComparer.Ordinal);

    // In the merged directory: add, change, delete; then checks of the upper directory.
    private const string OverlayScript =
        """
        set -e
        expect() {
            [ "$@" ] || { echo "after changes through an overlay, this does not hold: $*" >&2; exit 1; }
        }
        expect "$(cat merged/kept)" = lower
        echo new >merged/added
        echo changed >merged/changed
        rm merged/deleted
        rm -r merged/tree
        mkdir merged/tree
        expect "$(cat merged/changed)" = changed
        expect ! -e merged/deleted
        expect -c upper/deleted
        expect -f upper/added
        expect ! -e merged/tree/old
        """;

    /// <summary>Whether sessions may use overlays.</summary>
    /// <param name="agbHome">The engine's directory; its file system would hold the overlays.</param>
    /// <param name="cancellationToken">Ends the probe.</param>
    public static async Task<bool> CanOverlayAsync(string agbHome, CancellationToken cancellationToken) =>
        (await GetAsync(agbHome, fresh: false, cancellationToken).ConfigureAwait(false)).OverlayError is null;

    /// <summary>Requires that sessions can run; uses a kept verdict if there is one.</summary>
    /// <exception cref="AgbException">HostNotReady, with the missing parts and the remedies.</exception>
    public static async Task RequireReadyAsync(string agbHome, CancellationToken cancellationToken)
    {
        HostTools.RequireAll();
        if ((await GetAsync(agbHome, fresh: false, cancellationToken).ConfigureAwait(false)).SandboxError is { } error)
        {
            // The cause may have been fixed since.
            error = (await GetAsync(agbHome, fresh: true, cancellationToken).ConfigureAwait(false)).SandboxError;
            if (error is not null)
            {
                throw HostErrors.UserNamespaces(error);
            }
        }
    }

    /// <summary>The verdict on this host.</summary>
    /// <param name="agbHome">The engine's directory.</param>
    /// <param name="fresh">Whether to try again in spite of a kept verdict.</param>
    /// <param name="cancellationToken">Ends the probe.</param>
    public static async Task<HostVerdict> GetAsync(string agbHome, bool fresh, CancellationToken cancellationToken)
    {
        HostTools.RequireAll();
        var path = Path.Combine(agbHome, FileName);
        var key = Key(agbHome);
        if (!fresh)
        {
            if (s_known.TryGetValue(agbHome, out var known) && known.Key == key)
            {
                return known;
            }
            if (HostVerdict.TryRead(path, key) is { } kept)
            {
                return s_known[agbHome] = kept;
            }
        }
        Directory.CreateDirectory(agbHome, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        key = Key(agbHome);
        var sandboxError = await TrySandboxAsync(cancellationToken).ConfigureAwait(false);
        var overlayError = sandboxError ?? await TryOverlayAsync(agbHome, OverlayMarks.User, links: false, cancellationToken).ConfigureAwait(false);
        var linksError = overlayError ?? await TryTrustedAsync(agbHome, links: true, cancellationToken).ConfigureAwait(false);
        var verdict = new HostVerdict
        {
            Key = key,
            SandboxError = sandboxError,
            OverlayError = overlayError,
            TrustedError = linksError is null ? null : overlayError ?? await TryTrustedAsync(agbHome, links: false, cancellationToken).ConfigureAwait(false),
            LinksError = linksError,
        };
        verdict.Write(path);
        return s_known[agbHome] = verdict;
    }

    /// <summary>Makes a sandbox as a session would, without the session's mounts.</summary>
    private static async Task<string?> TrySandboxAsync(CancellationToken cancellationToken)
    {
        if (SandboxIdentity.IsRoot && !ProcessRights.MayMount())
        {
            return "this process is root without the capability CAP_SYS_ADMIN, for instance in a container started without it";
        }
        var bubblewrap = new List<string> { HostTools.Require("bwrap"), "--unshare-user", "--uid", "1000", "--gid", "1000" };
        bubblewrap.AddRange(["--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-net", "--hostname", "probe"]);
        bubblewrap.AddRange(["--as-pid-1", "--die-with-parent", "--cap-drop", "ALL"]);
        bubblewrap.AddRange(["--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "--", "/bin/sh", "-c", ":"]);
        var result = await RunAsync(
            [HostTools.Require("unshare"), .. MapUser(), "--mount", "--propagation", "slave", .. LaunchSequence.DropRoot(), .. bubblewrap],
            cancellationToken).ConfigureAwait(false);
        return Error(result);
    }

    /// <summary>Tries whether a directory of a lower layer can be renamed with trusted marks.</summary>
    /// <param name="agbHome">The engine's directory.</param>
    /// <param name="links">Whether to try hard links too.</param>
    /// <param name="cancellationToken">Ends the probe.</param>
    private static async Task<string?> TryTrustedAsync(string agbHome, bool links, CancellationToken cancellationToken)
    {
        if (!SandboxIdentity.IsRoot)
        {
            return "Trusted marks need an engine run by root.";
        }
        try
        {
            return await TryOverlayAsync(agbHome, OverlayMarks.Trusted, links, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            return e.Message;
        }
    }

    /// <summary>Mounts an overlay as a session would, and changes files through it as a session's user would.</summary>
    private static async Task<string?> TryOverlayAsync(string agbHome, OverlayMarks marks, bool links, CancellationToken cancellationToken)
    {
        const string Name = "overlay";
        var directory = Path.Combine(agbHome, $"probe-{Guid.NewGuid():n}");
        var overlay = Path.Combine(directory, Name);
        try
        {
            foreach (var path in new[] { "", "lower", "lower/tree", "lower/named", "upper", "work", "merged" }.Select(n => Path.Combine(overlay, n)))
            {
                Directory.CreateDirectory(path);
                Own(path);
            }
            foreach (var path in new[] { "kept", "changed", "deleted", "tree/old", "named/file" }.Select(n => Path.Combine(overlay, "lower", n)))
            {
                await File.WriteAllTextAsync(path, "lower\n", cancellationToken).ConfigureAwait(false);
                Own(path);
            }
            if (links)
            {
                TrustedProbe.Link(overlay);
            }
            Own(directory);
            var mounts = new StageMounts(directory, [new(Name, OverlayOptions.Build(Name, marks, links, Name + "/lower"))]);
            mounts.Prepare();
            var result = await RunAsync(
                [
                    .. LaunchSequence.Stage(directory),
                    .. LaunchSequence.DropRoot(),
                    HostTools.Require("sh"), "-c",
                    "cd \"$1\"\n" + OverlayScript + (links ? TrustedProbe.LinksScript : "") + (marks == OverlayMarks.Trusted ? TrustedProbe.Script : ""),
                    "sh", $"{SessionLayout.Stage(directory)}/{Name}",
                ],
                cancellationToken,
                spawn => SpawnThread.Start(
                    () =>
                    {
                        mounts.Enter();
                        mounts.Mount();
                    },
                    spawn)).ConfigureAwait(false);
            return Error(result) ?? (marks == OverlayMarks.Trusted ? TrustedProbe.Examine(overlay, result.Stdout.Bytes, links) : null);
        }
        catch (IOException e) when (e.HResult is Errno.EINVAL or Errno.EPERM or Errno.EACCES or Errno.ENODEV
            or Errno.EOPNOTSUPP or Errno.ENOSYS)
        {
            // Errors for a host or a file system without overlays; other errors are no verdict.
            return e.Message;
        }
        finally
        {
            // The kernel leaves directories without any permission there, closed to an ordinary user.
            TreeRemover.Remove(directory);
        }
    }

    private static void Own(string path)
    {
        if (SandboxIdentity.IsRoot)
        {
            ProcessFiles.SetOwner(path, SandboxIdentity.HostUid, SandboxIdentity.HostGid);
        }
    }

    private static IReadOnlyList<string> MapUser() => SandboxIdentity.IsRoot ? [] : ["--user", "--map-root-user"];

    /// <summary>The key of a verdict. A reinstalled program changes it.</summary>
    private static string Key(string agbHome)
    {
        // The home may have been moved to another file system since.
        using var home = Directory.Exists(agbHome) ? Fd.OpenDirectory(agbHome) : null;
        var programs = string.Join(',', HostTools.Names.Select(n => File.GetLastWriteTimeUtc(HostTools.Require(n)).Ticks));
        var kernel = File.ReadAllText("/proc/sys/kernel/osrelease").Trim();
        // The user namespace and the capabilities in it decide on the marks.
        var space = new FileInfo("/proc/self/ns/user").LinkTarget;
        return $"{Generation}|{ProcessTable.ReadBootId()}|{space}|{TrustedProbe.Capabilities()}|{kernel}|{Posix.Geteuid()}|{home?.Stat().Device}|{programs}";
    }

    private static Task<ProcessRunResult> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken, Func<Func<int>, int>? starter = null) =>
        ProcessRun.RunAsync(
            new ProcessRunRequest { Arguments = arguments, Environment = HostTools.Environment, Timeout = s_limit, Starter = starter },
            cancellationToken);

    private static string? Error(ProcessRunResult result)
    {
        if (result.TimedOut)
        {
            return $"the probe did not end within {s_limit.TotalSeconds:0} s";
        }
        if (result.ExitCode == 0)
        {
            return null;
        }
        var text = System.Text.Encoding.UTF8.GetString(result.Stderr.Bytes).Trim();
        if (Exhaustion.Find(text) is { } exhausted)
        {
            // No verdict on the host: it would be kept until the next boot.
            throw AgbErrors.HostExhausted("the first check of its abilities", exhausted);
        }
        return text.Length > 0 ? text.ReplaceLineEndings("; ") : $"the probe ended with exit code {result.ExitCode}";
    }
}
