using Agb.Engine.Native;

namespace Agb.Engine.Catalog;

/// <summary>Names a process so that another can tell whether it still lives: boot, pid and start time.</summary>
internal static class ProcessOwner
{
    private static readonly string s_bootId = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();

    /// <summary>This process.</summary>
    internal static string Current { get; } = $"{s_bootId} {Environment.ProcessId} {StartTime(Environment.ProcessId)}";

    /// <summary>Whether the process lives.</summary>
    internal static bool IsAlive(string owner)
    {
        var parts = owner.Split(' ');
        return parts.Length == 3 && parts[0] == s_bootId && int.TryParse(parts[1], out var pid) && StartTime(pid) == parts[2];
    }

    /// <summary>The boot that an owner names, or null.</summary>
    internal static string? BootOf(string owner) => owner.Split(' ') is [{ Length: > 0 } boot, _, _] ? boot : null;

    // The 22nd field of /proc/PID/stat (proc(5)); the second is in parentheses and may hold spaces.
    private static string? StartTime(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[19];
        }
        catch (IOException e) when (!Exhaustion.Is(e))
        {
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
    }
}
