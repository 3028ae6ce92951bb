namespace Agb.Linux;

/// <summary>Identifies a process by boot, pid and start time, so another process can tell whether it still lives.</summary>
internal static class ProcessOwner
{
    /// <summary>This process.</summary>
    internal static string Current { get; } = $"{ProcessTable.ReadBootId()} {Environment.ProcessId} {StartTime(Environment.ProcessId)}";

    /// <summary>Whether the process lives.</summary>
    internal static bool IsAlive(string owner)
    {
        if (owner == Current)
        {
            return true;
        }
        var parts = owner.Split(' ');
        return parts.Length == 3 && parts[0] == ProcessTable.ReadBootId() && int.TryParse(parts[1], out var pid) && StartTime(pid) == parts[2];
    }

    /// <summary>The boot id of an owner, or null.</summary>
    internal static string? BootOf(string owner) => owner.Split(' ') is [{ Length: > 0 } boot, _, _] ? boot : null;

    private static string? StartTime(int pid) => ProcessTable.TryRead(pid)?.StartTime.ToString(CultureInfo.InvariantCulture);
}
