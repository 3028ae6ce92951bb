using System.Globalization;
using System.Text;

namespace Agb.Soak.Server;

/// <summary>What of sessions is on this machine: processes, mounts and directories that have to do with a data directory.</summary>
/// <param name="Processes">Processes that name the directory, see mounts of it, or are children of the server.</param>
/// <param name="Mounts">Mounts of the directory, in whichever namespace.</param>
/// <param name="Directories">Directories of sessions and of uploads on their way.</param>
internal sealed record Leftovers(IReadOnlyList<string> Processes, IReadOnlyList<string> Mounts, IReadOnlyList<string> Directories)
{
    internal bool IsNothing => Processes.Count + Mounts.Count + Directories.Count == 0;

    internal static Leftovers Of(int serverId, string data)
    {
        var (processes, mounts) = (new List<string>(), new HashSet<string>(StringComparer.Ordinal));
        foreach (var pid in Directory.EnumerateDirectories("/proc").Select(d => Path.GetFileName(d)).Where(n => int.TryParse(n, out _)))
        {
            if (pid == Environment.ProcessId.ToString(CultureInfo.InvariantCulture) || pid == serverId.ToString(CultureInfo.InvariantCulture))
            {
                continue;
            }
            var command = Read(pid, "cmdline").Replace('\0', ' ');
            var own = Read(pid, "mountinfo").Split('\n').Where(l => l.Contains(data, StringComparison.Ordinal)).ToArray();
            mounts.UnionWith(own.Select(l => $"{new FileInfo($"/proc/{pid}/ns/mnt").LinkTarget} {l}"));
            var isChild = Read(pid, "status").Split('\n').Any(l => l == $"PPid:\t{serverId}");
            if (own.Length > 0 || isChild || command.Contains(data, StringComparison.Ordinal))
            {
                processes.Add($"{pid}: {command}");
            }
        }
        // Those of the host itself, which a session's mounts must never reach.
        mounts.UnionWith(File.ReadLines("/proc/self/mountinfo").Where(l => l.Contains(data, StringComparison.Ordinal)));
        return new Leftovers(processes, [.. mounts], [.. SessionDirectories(data)]);
    }

    private static IEnumerable<string> SessionDirectories(string data)
    {
        foreach (var owner in Directory.EnumerateDirectories(Path.Combine(data, "owners")))
        {
            foreach (var name in (string[])["sessions", "staging"])
            {
                var directory = Path.Combine(owner, name);
                foreach (var entry in Directory.Exists(directory) ? Directory.EnumerateFileSystemEntries(directory) : [])
                {
                    yield return entry;
                }
            }
        }
        var transfers = Path.Combine(data, "sessions");
        foreach (var owner in Directory.Exists(transfers) ? Directory.EnumerateDirectories(transfers) : [])
        {
            foreach (var session in Directory.EnumerateDirectories(owner))
            {
                yield return session;
            }
        }
    }

    private static string Read(string pid, string name)
    {
        try
        {
            return Encoding.UTF8.GetString(File.ReadAllBytes($"/proc/{pid}/{name}"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has ended since.
            return "";
        }
    }
}
