using Agb.Benchmarks.Measure;

namespace Agb.Benchmarks.Peers;

/// <summary>podman with a store of its own and a small image, in the first way in which this host lets it run a container.</summary>
internal sealed class Podman : IAsyncDisposable
{
    private const string Image = "agb-benchmark:1";

    // crun refuses a host that has both hierarchies of cgroups where the second one has controllers.
    private const string WithoutHybrid = "umount /sys/fs/cgroup/unified";

    // Without them crun wants to raise the limits, which not every host allows.
    private static readonly string[] s_limits = ["--ulimit=nofile=1024:1024", "--ulimit=nproc=4096:4096"];

    private readonly PeerPrograms _programs;
    private readonly string _directory;
    private readonly MountNamespace? _namespace;
    private string _driver = "";
    private string[] _options = [];

    private Podman(PeerPrograms programs, string directory, MountNamespace? ns)
    {
        _programs = programs;
        _directory = directory;
        _namespace = ns;
    }

    /// <summary>How it runs containers here.</summary>
    internal string Description => string.Join(
        ' ', ["podman", _driver, "--network=none", .. _options, .. _namespace is null ? Array.Empty<string>() : ["(cgroups v1 only)"]]);

    /// <summary>Finds a way to run containers.</summary>
    /// <exception cref="PeerException">There is none; the message has the last error.</exception>
    internal static async Task<Podman> StartAsync(PeerPrograms programs, string directory)
    {
        if (programs.WhyMissing("podman", "ldd") is { } missing)
        {
            throw new PeerException(missing);
        }
        var archive = await SmallImage.WriteAsync(programs, directory).ConfigureAwait(false);
        var last = "";
        foreach (var withoutHybrid in (bool[])[false, true])
        {
            try
            {
                var ns = withoutHybrid ? await MountNamespace.CreateAsync(programs, WithoutHybrid).ConfigureAwait(false) : null;
                var podman = new Podman(programs, directory, ns);
                if (await podman.TryAsync(archive).ConfigureAwait(false) is not { } error)
                {
                    return podman;
                }
                last = error;
                await podman.DisposeAsync().ConfigureAwait(false);
            }
            catch (PeerException e)
            {
                last = e.Message;
            }
        }
        throw new PeerException($"podman can't run a container here: {last}");
    }

    /// <summary>Runs a command in a container that is then removed.</summary>
    internal Task RunOnceAsync(string command) => CallAsync(["run", "--rm", "--network=none", .. _options, Image, command]);

    /// <summary>Starts a container that idles.</summary>
    /// <returns>Its id.</returns>
    internal Task<string> StartContainerAsync() => CallAsync(["run", "-d", "--network=none", .. _options, Image, "sleep", "infinity"]);

    /// <summary>Runs a command in a container that runs.</summary>
    internal Task ExecAsync(string container, string command) => CallAsync(["exec", container, command]);

    /// <summary>The host's processes of a container: its own, and podman's watcher.</summary>
    internal async Task<int[]> ProcessesAsync(string container) =>
        [.. (await CallAsync(["inspect", "--format", "{{.State.Pid}} {{.State.ConmonPid}}", container]).ConfigureAwait(false))
            .Split(' ').Select(int.Parse)];

    /// <summary>Removes every container.</summary>
    internal Task RemoveAllAsync() => CallAsync(["rm", "--all", "--force", "--time=0"]);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_driver.Length > 0)
            {
                await RemoveAllAsync().ConfigureAwait(false);
                await CallAsync(["image", "rm", "--all", "--force"]).ConfigureAwait(false);
            }
        }
        finally
        {
            _namespace?.Dispose();
            await UnmountAsync().ConfigureAwait(false);
        }
    }

    private async Task<string?> TryAsync(string archive)
    {
        var error = "";
        foreach (var driver in (string[])["overlay", "vfs"])
        {
            try
            {
                _driver = driver;
                await CallAsync(["import", archive, Image]).ConfigureAwait(false);
            }
            catch (PeerException e)
            {
                error = e.Message;
                continue;
            }
            foreach (var options in (string[][])[[], s_limits, [.. s_limits, "--cgroups=disabled"]])
            {
                try
                {
                    _options = options;
                    await RunOnceAsync("true").ConfigureAwait(false);
                    return null;
                }
                catch (PeerException e)
                {
                    error = e.Message;
                }
            }
        }
        return error;
    }

    private Task<string> CallAsync(IEnumerable<string> arguments)
    {
        // podman takes at most 50 characters for the second one.
        var store = Path.Combine(_directory, _driver);
        string[] line =
        [
            "--root", Path.Combine(store, "root"), "--runroot", Path.Combine(store, "run"), "--tmpdir", Path.Combine(store, "tmp"),
            "--storage-driver", _driver, "--cgroup-manager=cgroupfs", "--events-backend=none", "--log-level=error", .. arguments,
        ];
        return _namespace is null
            ? _programs.RunAsync("podman", line)
            : _programs.RunAsync("nsenter", ["--mount=" + _namespace.File, _programs.Find("podman")!, .. line]);
    }

    // podman keeps its store of overlays mounted on itself, which would keep it from being removed.
    private async Task UnmountAsync()
    {
        foreach (var line in await File.ReadAllLinesAsync("/proc/self/mounts").ConfigureAwait(false))
        {
            if (line.Split(' ')[1] is var at && at.StartsWith(_directory + "/", StringComparison.Ordinal))
            {
                await _programs.RunAsync("umount", at).ConfigureAwait(false);
            }
        }
    }
}
