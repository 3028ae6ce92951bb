using System.Globalization;

namespace Agb;

/// <summary>The rules for limits of sessions, and the texts for reached limits.</summary>
public static class LimitRules
{
    // Measured with Chromium 156, whose first threads and pages end it below these.
    private const int BrowserProcesses = 200;
    private const long BrowserBytes = 256L << 20;
    private const long DesktopBytes = 512L << 20;

    /// <summary>The least memory limit (16 MiB): below it no command can be started.</summary>
    public const long LeastMemoryBytes = 16L << 20;

    /// <summary>The least process limit.</summary>
    public const int LeastProcesses = 16;

    /// <summary>The greatest process limit: the kernel's own for pids (proc_sys_kernel(5), pid_max).</summary>
    public const int MostProcesses = 1 << 22;

    /// <summary>The least CPU limit: the kernel gives no less than 1 ms of each 100 ms.</summary>
    public const double LeastCpus = 0.01;

    /// <summary>The greatest CPU limit.</summary>
    public const double MostCpus = 1024;

    /// <summary>The least disk limit (1 MiB).</summary>
    public const long LeastDiskBytes = 1L << 20;

    /// <summary>The least limit of open files.</summary>
    public const int LeastOpenFiles = 64;

    /// <summary>The greatest limit of open files: the kernel's own (proc_sys_fs(5), nr_open).</summary>
    public const int MostOpenFiles = 1 << 20;

    /// <summary>Checks limits.</summary>
    /// <exception cref="AgbException">InvalidSessionOption.</exception>
    public static AgbSessionLimits Limits(AgbSessionLimits limits)
    {
        Range("memory limit", limits.MemoryBytes, LeastMemoryBytes, long.MaxValue, "bytes");
        Range("process limit", limits.Processes, LeastProcesses, MostProcesses, "processes");
        Range("disk limit", limits.DiskBytes, LeastDiskBytes, long.MaxValue, "bytes");
        Range("limit of open files", limits.OpenFiles, LeastOpenFiles, MostOpenFiles, "files");
        // Written so that NaN is refused.
        if (limits.Cpus is { } cpus && !(cpus >= LeastCpus && cpus <= MostCpus))
        {
            throw AgbErrors.Invalid(
                AgbErrorIds.InvalidSessionOption,
                string.Create(CultureInfo.InvariantCulture, $"The CPU limit is {cpus} CPUs; expected {LeastCpus} to {MostCpus}."),
                "Give a number of CPUs, such as 0.5 or 2, or none for no limit.", cpus);
        }
        return limits;
    }

    /// <summary>Requires that limits leave enough for the browser and the desktop of an image.</summary>
    /// <exception cref="AgbException">InvalidSessionOption, with the number needed.</exception>
    public static void RequireRoom(AgbSessionLimits limits, AgbImage image)
    {
        if (!image.HasBrowser && !image.HasDesktop)
        {
            return;
        }
        var bytes = image.HasDesktop ? DesktopBytes : BrowserBytes;
        if (limits.Processes < BrowserProcesses)
        {
            throw TooLow("process limit", limits.Processes.Value.ToString(CultureInfo.InvariantCulture), BrowserProcesses.ToString(CultureInfo.InvariantCulture));
        }
        if (limits.MemoryBytes < bytes)
        {
            throw TooLow("memory limit", $"{limits.MemoryBytes.Value.ToString(CultureInfo.InvariantCulture)} bytes", $"{bytes >> 20} MiB");
        }

        AgbException TooLow(string limit, string given, string least) => AgbErrors.Invalid(
            AgbErrorIds.InvalidSessionOption,
            $"The {limit} is {given}; sessions of the image '{image.ImageId}' need at least {least}, because their {(image.HasDesktop ? "desktop" : "browser")} dies below.",
            target: image.ImageId);
    }

    /// <summary>A limit in words, such as <c>memory limit</c>.</summary>
    public static string NameOf(AgbLimitKind limit) => limit switch
    {
        AgbLimitKind.Memory => "memory limit",
        AgbLimitKind.Processes => "process limit",
        AgbLimitKind.Disk => "disk limit",
        AgbLimitKind.OpenFiles => "limit of open files",
        _ => "CPU limit",
    };

    /// <summary>A sentence for a limit reached by a session.</summary>
    public static string Reached(AgbLimitKind limit) => limit switch
    {
        AgbLimitKind.Memory => "The session reached its memory limit, and the kernel ended a process of it.",
        AgbLimitKind.Processes => "The session reached its process limit, and could not start another process.",
        AgbLimitKind.Disk => "The session reached its disk limit, and the writing processes were ended.",
        AgbLimitKind.OpenFiles => "A process of the session reached its limit of open files.",
        _ => "The session reached its CPU limit, and was slowed down.",
    };

    /// <summary>A failed command's stderr, trimmed, after the limit reached by its session, if any.</summary>
    /// <param name="result">The result of the command.</param>
    /// <param name="said">The part of its stderr to repeat; null for all.</param>
    public static string Complaint(AgbCommandResult result, string? said = null)
    {
        ArgumentNullException.ThrowIfNull(result);
        said = (said ?? result.Stderr).Trim();
        return result.LimitReached is not { } limit ? said : said.Length == 0 ? Reached(limit) : $"{Reached(limit)} {said}";
    }

    private static void Range(string what, long? value, long least, long most, string unit)
    {
        if (value is { } given && (given < least || given > most))
        {
            throw AgbErrors.Invalid(
                AgbErrorIds.InvalidSessionOption,
                most == long.MaxValue
                    ? $"The {what} is {given} {unit}; expected at least {least}."
                    : $"The {what} is {given} {unit}; expected {least} to {most}.",
                "Give a value in that range, or none for no limit.", given);
        }
    }
}
