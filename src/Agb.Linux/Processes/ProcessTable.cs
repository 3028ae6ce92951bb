using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Agb.Linux;

/// <summary>The state of a process, from proc(5).</summary>
/// <param name="Pid">The pid, as seen by this process.</param>
/// <param name="ParentPid">The parent's pid.</param>
/// <param name="State">The state's letter; Z and X mean ended.</param>
/// <param name="Flags">The kernel's flags of the process.</param>
/// <param name="StartTime">The start time in clock ticks since boot; with the pid it identifies a process of this boot.</param>
internal readonly record struct ProcessEntry(int Pid, int ParentPid, char State, uint Flags, long StartTime)
{
    /// <summary>The process group; its number is the pid of the group's first process.</summary>
    public int Group { get; init; }

    /// <summary>Whether the process has ended and waits to be reaped.</summary>
    public bool HasEnded => State is 'Z' or 'X' or 'x';

    /// <summary>Whether the process is exiting (PF_EXITING), like the first process of a sandbox while the kernel ends all
    /// others.</summary>
    public bool IsEnding => (Flags & 0x4) != 0;
}

/// <summary>Reads /proc.</summary>
internal static class ProcessTable
{
    // Enough for stat, status and limits: their longest variable parts are a 64-byte name and a list of groups.
    private const int BufferBytes = 16 * 1024;

    // No process outlives its boot.
    private static readonly Lazy<string> s_bootId = new(
        () => File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim(), LazyThreadSafetyMode.PublicationOnly);

    /// <summary>Reads one process.</summary>
    /// <returns>Null if it does not exist.</returns>
    public static ProcessEntry? TryRead(int pid) => ReadText(pid, "stat") is { } stat ? ParseStat(stat) : null;

    /// <summary>Reads every process visible to this one.</summary>
    public static List<ProcessEntry> ReadAll()
    {
        var entries = new List<ProcessEntry>();
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
                && TryRead(pid) is { } entry)
            {
                entries.Add(entry);
            }
        }
        return entries;
    }

    /// <summary>Whether a process with this start time exists and is not ending.</summary>
    public static bool IsAlive(int pid, long startTime) =>
        TryRead(pid) is { HasEnded: false, IsEnding: false } entry && entry.StartTime == startTime;

    /// <summary>Whether no thread of a process can run before a signal: each is stopped, traced, or has ended.</summary>
    public static bool IsStopped(int pid)
    {
        try
        {
            return Directory.EnumerateDirectories(Invariant($"/proc/{pid}/task")).All(
                thread => ReadText(pid, $"task/{Path.GetFileName(thread)}/stat") is not { } stat || ParseStat(stat) is not { State: not ('T' or 't'), HasEnded: false });
        }
        catch (DirectoryNotFoundException)
        {
            return true;
        }
    }

    /// <summary>The soft limit of file locks, the carrier of a <see cref="ProcessTag"/>.</summary>
    /// <returns>Null if the process is gone or has no limit.</returns>
    public static ulong? ReadLockLimit(int pid) =>
        ReadLine(pid, "limits", "Max file locks") is [var soft, ..]
        && ulong.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;

    /// <summary>The depth of a process in pid namespaces, counted from the namespace of the /proc mount.</summary>
    public static int ReadNamespaceDepth(int pid) => ReadLine(pid, "status", "\nNSpid:")?.Length ?? 0;

    /// <summary>The pid of a process in its own, innermost pid namespace.</summary>
    /// <returns>Null if the process is gone.</returns>
    public static int? ReadInnermostPid(int pid) =>
        ReadLine(pid, "status", "\nNSpid:") is [.., var last] && int.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out var inner) ? inner : null;

    /// <summary>The arguments of a process, by its own word: it can change them.</summary>
    /// <returns>Empty if the process is gone.</returns>
    public static IReadOnlyList<string> ReadArguments(int pid) => ReadText(pid, "cmdline")?.Split('\0', StringSplitOptions.RemoveEmptyEntries) ?? [];

    /// <summary>The target of a namespace link, such as <c>pid:[4026532183]</c> (namespaces(7)).</summary>
    /// <returns>Null if the process is gone or the kernel has no such namespace.</returns>
    public static string? ReadNamespace(int pid, string name)
    {
        try
        {
            return new FileInfo(Invariant($"/proc/{pid}/ns/{name}")).LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>This process's file mode mask in octal, read without the momentary change of umask(2).</summary>
    public static string? ReadOwnFileMask() => ReadOwn("Umask");

    /// <summary>A mask of signals or capabilities of this process, by its name in proc_pid_status(5).</summary>
    public static ulong ReadOwnMask(string name) => ulong.Parse(
        ReadOwn(name) ?? throw new InvalidDataException($"/proc/self/status has no line '{name}'."),
        NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    // Not by the process id: /proc may belong to another namespace.
    private static string? ReadOwn(string name) =>
        File.ReadLines("/proc/self/status").FirstOrDefault(l => l.StartsWith(name + ":", StringComparison.Ordinal))?[(name.Length + 1)..].Trim();

    /// <summary>The id of this boot: pids and start times are valid within it.</summary>
    public static string ReadBootId() => s_bootId.Value;

    /// <summary>Parses /proc/pid/stat. The name in parentheses may contain spaces and parentheses.</summary>
    internal static ProcessEntry? ParseStat(string stat)
    {
        var open = stat.IndexOf('(');
        var close = stat.LastIndexOf(')');
        if (open < 0 || close < open)
        {
            return null;
        }
        var fields = stat[(close + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        // After the name come fields 3 (state), 4 (parent), 5 (group), 9 (flags) and so on up to 22 (start time).
        return fields.Length >= 20
            ? new ProcessEntry(
                int.Parse(stat.AsSpan(0, open), CultureInfo.InvariantCulture),
                int.Parse(fields[1], CultureInfo.InvariantCulture),
                fields[0][0],
                uint.Parse(fields[6], CultureInfo.InvariantCulture),
                long.Parse(fields[19], CultureInfo.InvariantCulture)) { Group = int.Parse(fields[2], CultureInfo.InvariantCulture) }
            : null;
    }

    /// <summary>The words of a file's line behind its label; null if the process or the line is gone.</summary>
    private static string[]? ReadLine(int pid, string file, string label)
    {
        if (ReadText(pid, file) is not { } text || text.IndexOf(label, StringComparison.Ordinal) is var at && at < 0)
        {
            return null;
        }

        var rest = text[(at + label.Length)..];
        return rest[..rest.IndexOf('\n')].Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
    }

    private static string? ReadText(int pid, string name)
    {
        try
        {
            // ReadWrite sharing: no advisory lock is tried on a file of /proc.
            using SafeFileHandle file = File.OpenHandle(
                Invariant($"/proc/{pid}/{name}"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            Span<byte> buffer = stackalloc byte[BufferBytes];
            var count = RandomAccess.Read(file, buffer, 0);
            return count > 0 ? Encoding.UTF8.GetString(buffer[..count]) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException && !Exhaustion.Is(e))
        {
            // The process ended between the listing and the read.
            return null;
        }
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
