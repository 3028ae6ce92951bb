using System.Globalization;
using Agb.Benchmarks.Measure;
using Agb.Benchmarks.Peers;

namespace Agb.Benchmarks.Work;

/// <summary>Many sessions at once: all alive, one command each, and what an idle one holds of the memory.</summary>
internal sealed class ManyWork : Benchmark
{
    private const double MemoryLimit = 3;

    /// <inheritdoc/>
    internal override string Name => "many";

    /// <inheritdoc/>
    internal override async IAsyncEnumerable<Row> RunAsync(TestStand stand)
    {
        var (count, together) = stand.Quick ? (4, 2) : (200, 16);
        var missing = await stand.WhyNoPodmanAsync().ConfigureAwait(false);
        List<double> memory = [], theirMemory = [];
        var sessions = new List<AgbSession>();
        var ours = new Side("agb", "New-AgbSession, Invoke-AgbCommand", () => ParallelAsync(count, together, stand.Stopping, async () =>
        {
            var session = await stand.SessionAsync().ConfigureAwait(false);
            lock (sessions)
            {
                sessions.Add(session);
            }
            await stand.CommandAsync(session, "true").ConfigureAwait(false);
        }))
        {
            After = async () =>
            {
                memory.AddRange(Memory(stand, sessions));
                await Parallel.ForEachAsync(sessions, async (s, _) => await stand.RemoveAsync(s, discard: true).ConfigureAwait(false))
                    .ConfigureAwait(false);
                sessions.Clear();
            },
        };
        var containers = new List<string>();
        var theirs = new Side("podman", "podman run -d, podman exec", () => ParallelAsync(count, together, stand.Stopping, async () =>
        {
            var podman = await stand.PodmanAsync().ConfigureAwait(false);
            var container = await podman.StartContainerAsync().ConfigureAwait(false);
            lock (containers)
            {
                containers.Add(container);
            }
            await podman.ExecAsync(container, "true").ConfigureAwait(false);
        }))
        {
            Target = 0.1,
            Missing = missing,
            After = async () =>
            {
                var podman = await stand.PodmanAsync().ConfigureAwait(false);
                theirMemory.Add(await MemoryAsync(podman, containers).ConfigureAwait(false));
                await podman.RemoveAllAsync().ConfigureAwait(false);
                containers.Clear();
            },
        };
        var work = $"{count} sessions at concurrency {together}, all alive, one command each";
        // Two of these are minutes of podman's.
        foreach (var row in await new Comparison(Name, work, ours, theirs).RunAsync(stand.Quick ? 1 : 2, 0, stand.Stopping).ConfigureAwait(false))
        {
            yield return row;
        }
        var idle = new Row
        {
            Name = Name + "/memory",
            Work = "memory of an idle session (proportional set size of its processes)",
            Peer = $"{MemoryLimit:0} MiB",
            Unit = "MiB",
            Percentile = 95,
            Target = 1,
            Ours = new Samples(memory),
            Theirs = new Samples([MemoryLimit]),
        };
        yield return idle;
        yield return idle with
        {
            Name = Name + "/memory-podman",
            Peer = "podman's container and its watcher",
            Percentile = 50,
            Target = null,
            Ours = missing is null ? idle.Ours : null,
            Theirs = missing is null ? new Samples(theirMemory) : null,
            Missing = missing,
        };
    }

    internal static async Task ParallelAsync(int count, int together, CancellationToken stopping, Func<Task> work) =>
        await Parallel.ForEachAsync(
            Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = together, CancellationToken = stopping },
            async (_, _) => await work().ConfigureAwait(false)).ConfigureAwait(false);

    /// <summary>The memory of each session, in MiB. Fails when one is not alive.</summary>
    internal static IEnumerable<double> Memory(TestStand stand, IReadOnlyList<AgbSession> sessions)
    {
        var byTag = ProcessTable.ReadAll().Where(p => !p.HasEnded).ToLookup(p => ProcessTable.ReadLockLimit(p.Pid), p => p.Pid);
        foreach (var session in sessions)
        {
            var record = LaunchRecord.TryRead(stand.Engine.Paths.Session(session.SessionId));
            var processes = byTag[record?.Tag].ToArray();
            if (record is null || processes.Length == 0)
            {
                throw new InvalidOperationException($"The session {session.SessionId} is not alive.");
            }
            yield return processes.Sum(ProportionalMegabytes);
        }
    }

    /// <summary>The memory of a container on average, in MiB.</summary>
    private static async Task<double> MemoryAsync(Podman podman, IReadOnlyList<string> containers)
    {
        var sum = 0.0;
        foreach (var container in containers)
        {
            sum += (await podman.ProcessesAsync(container).ConfigureAwait(false)).Sum(ProportionalMegabytes);
        }
        return sum / containers.Count;
    }

    // proc_pid_smaps(5): what is shared is divided among its users.
    private static double ProportionalMegabytes(int pid)
    {
        var line = File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/smaps_rollup"))
            .First(l => l.StartsWith("Pss:", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }
}
