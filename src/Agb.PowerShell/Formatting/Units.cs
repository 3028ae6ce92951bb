namespace Agb.PowerShell;

/// <summary>Formats values for people, for the views.</summary>
public static class Units
{
    private static readonly string[] s_sizes = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

    /// <summary>A span in its two largest units, such as <c>12 ms</c>, <c>3.2 s</c> or <c>2 h 5 min</c>.</summary>
    public static string Duration(TimeSpan? span) => span switch
    {
        null => "",
        { TotalMilliseconds: < 1000 } s => Invariant($"{s.TotalMilliseconds:0} ms"),
        { TotalMinutes: < 1 } s => Invariant($"{s.TotalSeconds:0.0} s"),
        { TotalHours: < 1 } s => Invariant($"{s.Minutes} min {s.Seconds} s"),
        { TotalDays: < 1 } s => Invariant($"{s.Hours} h {s.Minutes} min"),
        { } s => Invariant($"{s.Days} d {s.Hours} h"),
    };

    /// <summary>A number of bytes in the largest unit with a value of at least one, such as <c>1.5 KiB</c>.</summary>
    public static string Size(long bytes)
    {
        var (value, unit) = ((double)bytes, 0);
        while (Math.Abs(value) >= 1024 && unit < s_sizes.Length - 1)
        {
            value /= 1024;
            unit++;
        }
        return unit == 0 ? Invariant($"{bytes} B") : Invariant($"{value:0.0} {s_sizes[unit]}");
    }

    /// <summary>A type and permission bits (chmod(2)) in the form of ls(1), such as <c>-rw-r--r--</c>; dots for unknown
    /// bits.</summary>
    public static string UnixMode(AgbFileType type, int? mode)
    {
        var kind = type switch { AgbFileType.Directory => 'd', AgbFileType.SymbolicLink => 'l', _ => '-' };
        return mode is not { } bits ? $"{kind}........." : string.Create(10, (kind, bits), static (text, all) =>
        {
            text[0] = all.kind;
            for (var i = 0; i < 9; i++)
            {
                text[i + 1] = (all.bits & (0x100 >> i)) != 0 ? "rwx"[i % 3] : '-';
            }
        });
    }

    /// <summary>A time in the local time zone, to the second.</summary>
    public static string Time(DateTimeOffset? time) =>
        time?.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) ?? "";

    /// <summary>The age of a time in its largest unit, such as <c>3 s ago</c>; a date after more than 30 days.</summary>
    public static string Ago(DateTimeOffset? time) => Ago(time, TimeProvider.System.GetUtcNow());

    /// <summary>The span from one time to a later one.</summary>
    public static string Ago(DateTimeOffset? time, DateTimeOffset now) => (now - time) switch
    {
        null => "",
        // Clocks of processes differ a little: a small negative age is not the future.
        { TotalSeconds: < 1 } => "now",
        { TotalMinutes: < 1 } s => Invariant($"{s.Seconds} s ago"),
        { TotalHours: < 1 } s => Invariant($"{s.Minutes} min ago"),
        { TotalDays: < 1 } s => Invariant($"{s.Hours} h ago"),
        { TotalDays: < 31 } s => Invariant($"{s.Days} d ago"),
        _ => time?.ToLocalTime().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "",
    };

    /// <summary>The first line of a command's output, with a mark when more follows.</summary>
    public static string Glance(AgbCommandResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        var line = Line(result.Stdout.Length > 0 ? result.Stdout : result.Stderr);
        var mark = result.LimitReached is { } limit ? $"[{Word(limit)} limit] " : result.TimedOut ? "[timed out] " : "";
        return (mark + line).TrimEnd();
    }

    /// <summary>The line of an error with the message, else the first line of the code's output or display, with a mark when
    /// more follows.</summary>
    public static string Glance(AgbCodeResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        var line = result.Error is { } error ? CodeErrorLine.Of(result.Language, error) : Line(result.Output.Length > 0 ? result.Output : result.Stderr);
        return result.TimedOut ? $"[timed out] {line}".TrimEnd() : line;
    }

    /// <summary>The first line of a text, with a mark when more follows.</summary>
    public static string Line(string? text)
    {
        text = (text ?? "").TrimEnd();
        var end = text.IndexOf('\n', StringComparison.Ordinal);
        var line = end < 0 ? text : text[..end].TrimEnd('\r') + " ...";
        // Output of a command may hold terminal sequences; a view must not pass them on.
        return string.Concat(line.Select(c => char.IsControl(c) ? ' ' : c));
    }

    /// <summary>Permission bits in octal, as for chmod(1).</summary>
    public static string Mode(int? mode) => mode is { } bits ? Convert.ToString(bits, 8).PadLeft(4, '0') : "";

    /// <summary>The limits of a session, in readable units.</summary>
    public static string Limits(AgbSessionLimits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        string?[] parts =
        [
            limits.MemoryBytes is { } memory ? $"memory {Size(memory)}" : null,
            limits.Processes is { } processes ? Invariant($"{processes} processes") : null,
            limits.Cpus is { } cpus ? Invariant($"{cpus:0.##} CPUs") : null,
            limits.DiskBytes is { } disk ? $"disk {Size(disk)}" : null,
            limits.OpenFiles is { } files ? Invariant($"{files} open files") : null,
        ];
        return string.Join(", ", parts.Where(p => p is not null));
    }

    /// <summary>The mechanism of each limit of a session.</summary>
    public static string LimitStates(IEnumerable<AgbLimitState> states)
    {
        ArgumentNullException.ThrowIfNull(states);
        return string.Join(", ", states.Select(s => $"{Word(s.Limit)}: {(s.Holds ? s.Mechanism.ToString() : "does not hold")}"));
    }

    private static string Word(AgbLimitKind limit) => limit switch
    {
        AgbLimitKind.Memory => "memory",
        AgbLimitKind.Processes => "process",
        AgbLimitKind.Cpus => "CPU",
        AgbLimitKind.Disk => "disk",
        _ => "open file",
    };

    /// <summary>A policy in one line.</summary>
    public static string Summary(AgbSyncPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return string.Join(
            ", ",
            $"AutoUpload={policy.Upload.AutoUpload}",
            $"AutoDownload={policy.Download.AutoDownload}",
            $"SyncLocalFile={policy.Delete.SyncLocalFile}",
            $"{policy.Recycle.Lifecycle}");
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
