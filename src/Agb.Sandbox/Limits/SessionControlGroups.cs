namespace Agb.Sandbox;

/// <summary>Makes, counts and removes the control groups of sessions. They belong to no process; the end of the session removes
/// them.</summary>
internal static class SessionControlGroups
{
    /// <summary>The script of a program for entering groups. Its arguments: the number of groups, the groups, then the rest.</summary>
    public const string EnterScript =
        """
        count=$1
        shift
        while [ "$count" -gt 0 ]; do
            { echo 0 >"$1/cgroup.procs"; } 2>/dev/null || { echo "agb-entry: $1 can't be entered" >&2; exit 125; }
            shift
            count=$((count - 1))
        done
        """;

    /// <summary>The start of the message of <see cref="EnterScript"/> about a group it can't enter.</summary>
    public const string EntryFailed = "agb-entry: ";

    // The group of the processes in version 2. The limits are in the group above, outside the session's cgroup namespace:
    // nothing in the session can reach them, even if its user owns them.
    private const string Inner = "run";

    private const int PeriodMicroseconds = 100_000;

    private static readonly TimeSpan s_removeLimit = TimeSpan.FromSeconds(10);

    /// <summary>The group of a session in a base.</summary>
    public static string PathIn(string directory, string sessionId) => $"{directory}/agb-{sessionId}";

    /// <summary>The group for processes to enter.</summary>
    public static string EntranceOf(string group, bool isV2) => isV2 ? $"{group}/{Inner}" : group;

    /// <summary>Makes a group.</summary>
    /// <exception cref="IOException">The group can't be made.</exception>
    public static void Make(string group, bool isV2)
    {
        Directory.CreateDirectory(group);
        if (isV2)
        {
            Directory.CreateDirectory($"{group}/{Inner}");
            // The session's user may own the group, and could then make groups without end in new namespaces.
            WriteIfThere($"{group}/cgroup.max.descendants", "1");
        }
    }

    /// <summary>Sets a memory limit, swap included.</summary>
    public static void SetMemory(string group, bool isV2, long bytes)
    {
        Write(group, isV2 ? "memory.max" : "memory.limit_in_bytes", bytes);
        var swap = isV2 ? "memory.swap.max" : "memory.memsw.limit_in_bytes";
        if (File.Exists($"{group}/{swap}"))
        {
            // Version 1 counts memory and swap together, version 2 the swap alone.
            Write(group, swap, isV2 ? 0 : bytes);
        }
    }

    /// <summary>Sets a process limit.</summary>
    public static void SetProcesses(string group, int count) => Write(group, "pids.max", count);

    /// <summary>Sets a CPU limit.</summary>
    public static void SetCpus(string group, bool isV2, double cpus)
    {
        var quota = Math.Max(1000, (long)(cpus * PeriodMicroseconds));
        if (isV2)
        {
            File.WriteAllText($"{group}/cpu.max", string.Create(CultureInfo.InvariantCulture, $"{quota} {PeriodMicroseconds}"));
            return;
        }
        Write(group, "cpu.cfs_period_us", PeriodMicroseconds);
        Write(group, "cpu.cfs_quota_us", quota);
    }

    /// <summary>The file with the counter of a reached limit, and the counter's name in it.</summary>
    public static (string File, string Key) CounterOf(AgbLimitKind limit, string group, bool isV2) => limit == AgbLimitKind.Memory
        ? (isV2 ? $"{group}/memory.events" : $"{group}/memory.oom_control", "oom_kill")
        : ($"{group}/pids.events", "max");

    /// <summary>Reads a counter.</summary>
    /// <returns>0 if the group is gone or has no such counter (kernels before 4.13 and 4.7).</returns>
    public static long ReadCounter(string file, string key)
    {
        try
        {
            foreach (var line in File.ReadLines(file))
            {
                if (line.Split(' ') is [var name, var value] && name == key)
                {
                    return long.Parse(value, NumberStyles.None, CultureInfo.InvariantCulture);
                }
            }
        }
        catch (Exception e) when ((e is IOException or UnauthorizedAccessException) && !Exhaustion.Is(e))
        {
            // The session is being removed.
        }
        return 0;
    }

    /// <summary>Removes groups with all below them, and ends the processes in them. Does nothing for missing groups.</summary>
    /// <exception cref="AgbException">UnexpectedError if a process in a group does not end.</exception>
    public static void Remove(IEnumerable<string> groups)
    {
        var start = Stopwatch.GetTimestamp();
        foreach (var group in groups)
        {
            while (!TryRemove(group))
            {
                if (Stopwatch.GetElapsedTime(start) >= s_removeLimit)
                {
                    throw new AgbException(
                        AgbErrorIds.UnexpectedError, AgbErrorKind.Timeout,
                        $"The control group '{group}' could not be removed within {s_removeLimit.TotalSeconds:0} s: a process in it does not end.",
                        target: group);
                }
#pragma warning disable RS0030 // The caller is synchronous, and a group becomes empty without an event.
                Thread.Sleep(1);
#pragma warning restore RS0030
            }
        }
    }

    private static bool TryRemove(string group)
    {
        if (!Directory.Exists(group))
        {
            return true;
        }
        try
        {
            // All at once, faster than any fork, if the kernel can (version 2, Linux 5.14).
            WriteIfThere($"{group}/cgroup.kill", "1");
            foreach (var inner in Directory.EnumerateDirectories(group))
            {
                if (!TryRemove(inner))
                {
                    return false;
                }
            }
            foreach (var line in File.ReadAllLines($"{group}/cgroup.procs"))
            {
                using var process = int.Parse(line, CultureInfo.InvariantCulture) is var pid and > 0 ? PidFd.TryOpen(pid) : null;
                // Checked again: the pid may have changed hands since the listing.
                if (process is not null && File.ReadLines($"{group}/cgroup.procs").Contains(line))
                {
                    process.Send(PidFd.SIGKILL);
                }
            }
            // Not Directory.Delete: it would first look at the group's files, and they can't be deleted.
            return ProcessFiles.TryRemoveDirectory(group);
        }
        catch (Exception e) when (e is DirectoryNotFoundException or FileNotFoundException || (e as IOException)?.HResult == Errno.ENODEV)
        {
            return true;
        }
    }

    private static void WriteIfThere(string file, string line)
    {
        if (File.Exists(file))
        {
            // Never created here: the group may be gone by now.
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Write);
            stream.Write(System.Text.Encoding.ASCII.GetBytes(line));
        }
    }

    private static void Write(string group, string file, long value) =>
        File.WriteAllText($"{group}/{file}", value.ToString(CultureInfo.InvariantCulture));
}
