using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Agb.Sandbox;

/// <summary>The network <see cref="AgbNetwork.Own"/> of a session: a namespace with pasta(1) as its one way out. Pasta runs on the host
/// with the tag of the session's start. A watcher ends it with the sandbox.</summary>
/// <param name="directory">The session's directory.</param>
/// <param name="tag">The tag of the session's start.</param>
/// <param name="resolvers">The name servers; null for a session with another network.</param>
internal sealed class OwnNetwork(string directory, ulong tag, Resolvers? resolvers) : IDisposable
{
    /// <summary>The device of pasta.</summary>
    public const string Device = "/dev/net/tun";

    // $1 is pasta's pid file, $2 the tag, the rest pasta's command. Pasta does not notice the end of the namespace, so a shell waits for the
    // end of the pipe on descriptor 4, whose other end the sandbox's first processes hold. The pid file may be gone by then, with the session.
    private const string Watch =
        """
        file=$1 tag=$2
        shift 2
        "$@" --pid "$file" || exit 1
        read -r pid < "$file" || exit 1
        (
            exec 3<&-
            cat <&4
            case $(cat "/proc/$pid/limits") in *locks*" $tag "*) kill -KILL "$pid" ;; esac
        ) </dev/null >/dev/null 2>&1 &
        """;

    // Far more than it takes.
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    private static readonly string[] s_programs = ["pasta", "ip"];

    private readonly List<int> _running = [];

    /// <summary>The missing programs.</summary>
    public static IReadOnlyList<string> MissingPrograms() => [.. s_programs.Where(p => HostTools.Find(p) is null)];

    /// <summary>Why this host has no such networks; null if it has.</summary>
    public static string? Missing() => MissingPrograms() is { Count: > 0 } missing
        ? $"This host lacks programs needed by the network Own: {string.Join(", ", missing)}."
        : CanOpenDevice() ? null
        : $"The network Own needs {Device}, which is missing or closed to this user.";

    /// <summary>Requires such networks.</summary>
    /// <exception cref="AgbException">HostNotReady.</exception>
    public static void Require()
    {
        if (Missing() is { } reason)
        {
            throw new AgbException(AgbErrorIds.HostNotReady, AgbErrorKind.HostNotReady, reason, Remedy());
        }
    }

    /// <summary>The remedy for <see cref="Missing"/>.</summary>
    public static string Remedy() => MissingPrograms() is { Count: > 0 } missing
        ? HostPackages.Remedy(missing)
        : $"Make it available (modprobe tun) and writable for this user (chmod 666 {Device}), or create the session with the network None.";

    /// <summary>Starts the way out of a namespace; <see cref="Complete"/> waits for it.</summary>
    /// <param name="space">The namespace.</param>
    /// <param name="owner">For an ordinary user, a process in the user namespace that owns it; null for root.</param>
    /// <param name="life">The end of a pipe that ends with the sandbox.</param>
    /// <exception cref="IOException">A program did not start.</exception>
    public void Begin(SafeFileHandle space, int? owner, SafeHandle life)
    {
        var routes = Path.Combine(directory, SessionLayout.Routes);
        File.WriteAllText(routes, HostAddresses.Routes());
        using var log = File.OpenHandle(Path.Combine(directory, SessionLayout.NetworkLog), FileMode.Create, FileAccess.Write, FileShare.ReadWrite);
        var limit = tag.ToString(CultureInfo.InvariantCulture);
        string[] ip = [HostTools.Require("ip"), "-batch", routes];
        // Descriptor 3: /proc/PID/ns is closed to pasta once it has dropped its rights.
        string[] pasta =
        [
            HostTools.Require("prlimit"), $"--locks={limit}:{limit}",
            HostTools.Require("sh"), "-c", Watch, "sh", Path.Combine(directory, SessionLayout.NetworkPid), limit,
            // Pasta ends at once when SIGPIPE is ignored, as in programs of .NET.
            HostTools.Require("env"), "--default-signal=PIPE",
            HostTools.Require("pasta"), "--quiet", "--config-net",
            .. owner is { } pid ? ["--userns", string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/ns/user")] : (string[])["--runas", "0", "--netns-only"],
            "--netns", "/proc/self/fd/3",
            // Nothing of the host is reachable by its loopback or its gateway's address, and nothing of the session from outside.
            "--no-map-gw", "-t", "none", "-u", "none", .. resolvers!.Options,
        ];
        _running.Add(ProcessSpawn.Start(pasta, HostTools.Environment, [null, log, log, space, life]));
        _running.Add(owner is { } inside
            ? ProcessSpawn.Start([HostTools.Require("nsenter"), "--target", inside.ToString(CultureInfo.InvariantCulture), "--user", "--preserve-credentials", "--net", .. ip], HostTools.Environment, [null, log, log])
            : NetworkNamespace.In(space, () => ProcessSpawn.Start(ip, HostTools.Environment, [null, log, log])));
    }

    /// <summary>Waits until the way out is ready: pasta then goes on in the background.</summary>
    /// <returns>What failed; null if all is well.</returns>
    public string? Complete()
    {
        var hasFailed = false;
        var began = Stopwatch.GetTimestamp();
        while (_running.Count > 0)
        {
            var pid = _running[^1];
            using (var program = PidFd.TryOpen(pid))
            {
                if (program is not null && !program.WaitForEnd(s_limit - Stopwatch.GetElapsedTime(began) is { Ticks: > 0 } left ? left : TimeSpan.Zero))
                {
                    program.Send(PidFd.SIGKILL);
                }
            }
            hasFailed |= ProcessSpawn.Reap(pid).ExitCode != 0;
            _running.RemoveAt(_running.Count - 1);
        }
        // Pasta complains about a missing system log, too.
        return hasFailed
            ? "The session's own network could not be made: "
                + (File.ReadLines(Path.Combine(directory, SessionLayout.NetworkLog)).LastOrDefault(l => l.Length > 0 && !l.Contains("syslog", StringComparison.Ordinal)) ?? "its programs gave no reason.")
            : null;
    }

    /// <summary>Takes the status of the programs after a failure, when they have been ended by their tag.</summary>
    public void Dispose() => _running.ForEach(ProcessSpawn.Discard);

    private static bool CanOpenDevice()
    {
        const int ReadAndWrite = 6;
        return ProcessLibc.Access(Device, ReadAndWrite) == 0;
    }
}
