namespace Agb.Sandbox;

/// <summary>A control group that freezes processes: of version 2 (cgroup-v2.rst, <c>cgroup.freeze</c>), or of the freezer of version 1.</summary>
/// <param name="Directory">The directory of the group.</param>
/// <param name="IsV2">Whether it belongs to the hierarchy of version 2.</param>
internal sealed record FreezerGroup(string Directory, bool IsV2)
{
    private string Members => $"{Directory}/cgroup.procs";

    private string Control => IsV2 ? $"{Directory}/cgroup.freeze" : $"{Directory}/freezer.state";

    /// <summary>Makes the group, if it is missing.</summary>
    /// <returns>Whether it can freeze: kernels before 5.2 can't in version 2.</returns>
    /// <exception cref="IOException">The group can't be made.</exception>
    /// <exception cref="UnauthorizedAccessException">Not by this user.</exception>
    public bool Make()
    {
        // The group of the limits takes one group for the commands alone; this one is beside it.
        var bound = $"{Path.GetDirectoryName(Directory)}/cgroup.max.descendants";
        if (IsV2 && File.Exists(bound) && File.ReadAllText(bound).Trim() == "1")
        {
            Write(bound, "2");
        }
        System.IO.Directory.CreateDirectory(Directory);
        return File.Exists(Control);
    }

    /// <summary>Freezes all members, and those that join later.</summary>
    public void Freeze() => Write(Control, IsV2 ? "1" : "FROZEN");

    /// <summary>Lets all members run. Does nothing for a missing group.</summary>
    public void Thaw()
    {
        try
        {
            Write(Control, IsV2 ? "0" : "THAWED");
        }
        catch (Exception e) when (e is DirectoryNotFoundException or FileNotFoundException)
        {
            // It was removed with its last process, or never made.
        }
    }

    /// <summary>Whether no member runs.</summary>
    public bool IsFrozen => IsV2
        ? File.ReadLines($"{Directory}/cgroup.events").Contains("frozen 1")
        : File.ReadAllText(Control).Trim() == "FROZEN";

    /// <summary>The pids of the members.</summary>
    public HashSet<int> Read() => [.. File.ReadLines(Members).Select(l => int.Parse(l, NumberStyles.None, CultureInfo.InvariantCulture))];

    /// <summary>Moves a process with all its threads into the group. A process that has ended is ignored.</summary>
    public void Add(ProcessEntry entry)
    {
        // Held by its start time until the move: the pid can't change hands unnoticed before.
        using var process = PidFd.TryOpen(entry.Pid, entry.StartTime);
        if (process is null)
        {
            return;
        }
        try
        {
            Write(Members, entry.Pid.ToString(CultureInfo.InvariantCulture));
        }
        catch (IOException e) when (e.HResult == Errno.ESRCH)
        {
            // It ended meanwhile.
        }
    }

    private static void Write(string file, string text)
    {
        // Never created here: the group may be gone by now.
        using var handle = File.OpenHandle(file, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        RandomAccess.Write(handle, System.Text.Encoding.ASCII.GetBytes(text), 0);
    }
}
