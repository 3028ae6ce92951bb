namespace Agb;

/// <summary>The rules for absolute paths inside sessions and contexts.</summary>
public static class LinuxPath
{
    /// <summary>The maximum size of a path in bytes of UTF-8. The kernel's PATH_MAX is 4,096 with the NUL (limits.h), and mounts
    /// need room for the files below.</summary>
    public const int MaxPathBytes = 2048;

    /// <summary>The maximum size of one name in a path, in bytes of UTF-8 (NAME_MAX, limits.h).</summary>
    public const int MaxNameBytes = 255;

    /// <summary>Directories of the system, without mounts at or below them.</summary>
    private static readonly string[] s_reservedTrees =
        ["/proc", "/sys", "/dev", "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc", "/boot", "/nix", "/run", "/var/lib"];

    /// <summary>Directories of the session itself, with mounts below them but not at them.</summary>
    private static readonly string[] s_reservedDirectories = ["/", "/tmp", "/var", "/var/tmp", "/opt", "/root"];

    /// <summary>Checks an absolute path and returns it without a trailing slash, doubled slashes or <c>.</c> parts.</summary>
    /// <param name="path">The path.</param>
    /// <param name="what">The path's role for the message, such as "mount path".</param>
    /// <exception cref="AgbException">InvalidPath.</exception>
    public static string Normalize(string? path, string what = "path")
    {
        var normal = NormalizeFile(path, what);
        return normal.Any(char.IsControl) ? throw Invalid($"The {what} '{Printable(normal)}' holds a control character.", path) : normal;
    }

    /// <summary>Checks a file path of a context like <see cref="Normalize"/>, but allows any character except NUL and slash, as
    /// Linux does.</summary>
    /// <param name="path">The path.</param>
    /// <param name="what">The path's role for the message.</param>
    /// <exception cref="AgbException">InvalidPath.</exception>
    public static string NormalizeFile(string? path, string what = "path")
    {
        if (string.IsNullOrWhiteSpace(path))
        {
            throw Invalid($"The {what} is empty; expected an absolute Linux path such as /home/data.", path);
        }
        if (path.Contains('\0'))
        {
            throw Invalid($"The {what} '{path.Replace("\0", "\\0")}' holds a NUL character.", path);
        }
        if (path[0] != '/')
        {
            throw Invalid($"The {what} '{path}' is relative; expected an absolute Linux path such as /home/data.", path);
        }
        if (HasLoneSurrogate(path))
        {
            throw Invalid($"The {what} '{path}' can't be written as UTF-8.", path);
        }
        var bytes = Encoding.UTF8.GetByteCount(path);
        if (bytes > MaxPathBytes)
        {
            throw Invalid($"The {what} has {bytes} bytes; at most {MaxPathBytes} are allowed.", path);
        }
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        foreach (var part in parts)
        {
            if (part == "..")
            {
                throw Invalid($"The {what} '{path}' holds '..'; write the resolved path.", path);
            }
            if (Encoding.UTF8.GetByteCount(part) > MaxNameBytes)
            {
                throw Invalid($"The {what} holds a name of more than {MaxNameBytes} bytes: '{part[..32]}...'.", path);
            }
        }
        return "/" + string.Join('/', parts.Where(p => p != "."));
    }

    /// <summary>Checks a mount path for a context.</summary>
    /// <exception cref="AgbException">InvalidPath, or ReservedPath for the root and system directories.</exception>
    public static string NormalizeMount(string? path)
    {
        var normal = Normalize(path, "mount path");
        if (IsReserved(normal))
        {
            throw AgbErrors.Invalid(
                AgbErrorIds.ReservedPath,
                $"The mount path '{normal}' is a directory of the system or the session itself.",
                "Mount the context at another path, such as /home/data or /tmp/mapping.", path);
        }
        return normal;
    }

    /// <summary>Whether a normal path is a directory of the system or the session itself, and so forbidden for mounts.</summary>
    public static bool IsReserved(string normalPath) =>
        s_reservedDirectories.Contains(normalPath) || s_reservedTrees.Any(tree => IsAtOrBelow(normalPath, tree));

    /// <summary>Checks a data path in a context; the root stands for the whole context.</summary>
    public static string NormalizeOrigin(string? path, string what = "mapping path") => Normalize(path, what);

    /// <summary>Whether a normal path equals another one or lies below it.</summary>
    public static bool IsAtOrBelow(string path, string ancestor) =>
        ancestor == "/" || path == ancestor
        || (path.Length > ancestor.Length && path[ancestor.Length] == '/' && path.StartsWith(ancestor, StringComparison.Ordinal));

    /// <summary>Checks that mounts neither share a path nor lie inside each other.</summary>
    /// <exception cref="AgbException">OverlappingPaths.</exception>
    public static void RequireDisjoint(IReadOnlyList<string> normalPaths)
    {
        for (var i = 0; i < normalPaths.Count; i++)
        {
            for (var j = i + 1; j < normalPaths.Count; j++)
            {
                var (a, b) = (normalPaths[i], normalPaths[j]);
                if (IsAtOrBelow(a, b) || IsAtOrBelow(b, a))
                {
                    throw AgbErrors.Invalid(
                        AgbErrorIds.OverlappingPaths,
                        a == b
                            ? $"The path '{a}' is mounted twice in one session."
                            : $"The mount paths '{a}' and '{b}' lie one inside the other.",
                        "Give each context of a session a separate path.", b);
                }
            }
        }
    }

    /// <summary>Whether a path holds a wildcard character of shells and file globs.</summary>
    public static bool HasWildcard(string path) => path.AsSpan().IndexOfAny("*?[]") >= 0;

    private static AgbException Invalid(string message, string? path) =>
        AgbErrors.Invalid(AgbErrorIds.InvalidPath, message, target: path);

    private static string Printable(string path) =>
        string.Concat(path.Select(c => char.IsControl(c) ? $"\\x{(int)c:x2}" : c.ToString()));

    private static bool HasLoneSurrogate(string path)
    {
        for (var i = 0; i < path.Length; i++)
        {
            if (char.IsHighSurrogate(path[i]) && i + 1 < path.Length && char.IsLowSurrogate(path[i + 1]))
            {
                i++;
            }
            else if (char.IsSurrogate(path[i]))
            {
                return true;
            }
        }
        return false;
    }
}
