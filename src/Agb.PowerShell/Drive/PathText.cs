namespace Agb.PowerShell;

/// <summary>Path syntax for the provider. It needs no service: PowerShell calls these methods for each item, and its defaults
/// check for existing paths. The separator is the slash: PowerShell has already converted backslashes, except in paths of
/// items.</summary>
internal static class PathText
{
    /// <summary>A name or relative path below a path.</summary>
    internal static string Join(string? parent, string? child) =>
        string.IsNullOrEmpty(parent) ? child ?? ""
        : string.IsNullOrEmpty(child) ? parent
        : $"{parent.TrimEnd('/')}/{child.TrimStart('/')}";

    /// <summary>The path above a path; empty for a root and for a single name.</summary>
    internal static string Parent(string path, string? root)
    {
        path = path.TrimEnd('/');
        if (path.Length == 0 || path == root?.TrimEnd('/'))
        {
            return "";
        }
        var end = path.LastIndexOf('/');
        // The root of a drive keeps its separator, as in the file system.
        return end < 0 ? "" : end == 0 || path[end - 1] == ':' && path.IndexOf('/', StringComparison.Ordinal) == end ? path[..(end + 1)] : path[..end];
    }

    /// <summary>The last part of a path; the path itself when it has one part only.</summary>
    internal static string Name(string path)
    {
        var trimmed = path.TrimEnd('/');
        return trimmed.LastIndexOf('/') is var end && end < 0 ? (trimmed.EndsWith(':') || trimmed.Length == 0 ? path : trimmed) : trimmed[(end + 1)..];
    }

    /// <summary>A path relative to another one, without <c>.</c> and <c>..</c> parts.</summary>
    internal static string Relative(string path, string? basePath)
    {
        var (drive, parts) = Split(path);
        var (baseDrive, baseParts) = Split(basePath ?? "");
        if (drive is null)
        {
            return string.Join('/', parts);
        }
        if (!string.Equals(drive, baseDrive, StringComparison.OrdinalIgnoreCase))
        {
            return Join(drive + "/", string.Join('/', parts));
        }
        var common = 0;
        while (common < parts.Count && common < baseParts.Count && parts[common] == baseParts[common])
        {
            common++;
        }
        if (common == parts.Count && common == baseParts.Count)
        {
            // As PowerShell does: '.' would say less.
            return common == 0 ? "" : "../" + parts[^1];
        }
        return string.Join('/', Enumerable.Repeat("..", baseParts.Count - common).Concat(parts.Skip(common)));
    }

    /// <summary>Splits a path into its parts and its drive with the colon (empty without a drive, null for a relative
    /// path).</summary>
    private static (string? Drive, List<string> Parts) Split(string path)
    {
        var end = path.IndexOfAny([':', '/', '\\']);
        var drive = end > 0 && path[end] == ':' ? path[..(end + 1)] : end == 0 && path[0] != ':' ? "" : null;
        var rest = path[(drive?.Length ?? 0)..];
        // A path that begins with backslashes was typed with backslashes throughout.
        rest = drive is not null && rest.TrimStart('/') is var below && below.IndexOfAny(['/', '\\']) is var first && first >= 0 && below[first] == '\\'
            ? rest.Replace('\\', '/')
            : rest;
        var parts = new List<string>();
        foreach (var part in rest.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == ".." && (parts.Count > 0 ? parts[^1] != ".." : drive is not null))
            {
                parts.RemoveRange(Math.Max(0, parts.Count - 1), Math.Min(1, parts.Count));
            }
            else if (part != ".")
            {
                parts.Add(part);
            }
        }
        return (drive, parts);
    }
}
