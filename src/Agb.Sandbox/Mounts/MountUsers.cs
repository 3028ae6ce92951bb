namespace Agb.Sandbox;

/// <summary>Finds the programs of a sandbox with open files of a mount (proc(5)).</summary>
internal static class MountUsers
{
    private const int WriteOnly = 1, ReadWrite = 2;

    /// <summary>The programs with a file open for writing, or with a writable shared map.</summary>
    /// <returns>Their names with their process ids in the sandbox's host.</returns>
    public static IReadOnlyList<string> Writers(SandboxHandle sandbox, MountedContext mount) =>
        [.. SandboxProcesses.Of(sandbox.InitPid).Where(p => Holds(p.Pid, mount, writing: true)).Select(p => $"{NameOf(p.Pid)} (process {p.Pid})")];

    /// <summary>Whether a program uses the mount: an open file, a map, its working directory or its root.</summary>
    public static bool Any(SandboxHandle sandbox, MountedContext mount) =>
        SandboxProcesses.Of(sandbox.InitPid).Any(p => Holds(p.Pid, mount, writing: false));

    private static bool Holds(int pid, MountedContext mount, bool writing)
    {
        try
        {
            var directory = string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}");
            return Directory.EnumerateFiles($"{directory}/fdinfo").Any(f => IsOpen(File.ReadAllLines(f), mount.Id, writing))
                || File.ReadLines($"{directory}/maps").Any(l => IsMapped(l, mount.Path, writing))
                || (!writing && (IsBelow($"{directory}/cwd", mount.Path) || IsBelow($"{directory}/root", mount.Path)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The process has ended meanwhile.
            return false;
        }
    }

    private static bool IsOpen(string[] lines, string mountId, bool writing)
    {
        string? Value(string key) => Array.Find(lines, l => l.StartsWith(key, StringComparison.Ordinal))?[key.Length..].Trim();
        return Value("mnt_id:") == mountId
            && (!writing || (Value("flags:") is { } flags && (Convert.ToInt32(flags, 8) & 3) is WriteOnly or ReadWrite));
    }

    // Address, permissions, offset, device, inode, path.
    private static bool IsMapped(string line, string path, bool writing)
    {
        var fields = line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries);
        return fields.Length == 6 && LinuxPath.IsAtOrBelow(fields[5], path) && (!writing || fields[1] is [_, 'w', _, 's']);
    }

    private static bool IsBelow(string link, string path) => new FileInfo(link).LinkTarget is { } target && LinuxPath.IsAtOrBelow(target, path);

    private static string NameOf(int pid)
    {
        try
        {
            return File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/comm")).Trim();
        }
        catch (IOException)
        {
            return "a program";
        }
    }
}
