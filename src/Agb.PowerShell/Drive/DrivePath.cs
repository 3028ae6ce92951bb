namespace Agb.PowerShell.Drive;

/// <summary>A path of a drive: the root, a context, or what is in one. It names its drive, as paths of drives of the file
/// system do elsewhere: PowerShell resolves some paths twice, and cmdlets pass them on without their drive.</summary>
/// <param name="Drive">The drive's name; empty where the path has none.</param>
/// <param name="Context">The name or id of the context; null for the root, which holds all contexts.</param>
/// <param name="Path">The absolute path in the context.</param>
internal readonly record struct DrivePath(string Drive, string? Context, string Path)
{
    /// <summary>Reads a provider path.</summary>
    internal static DrivePath Parse(string path)
    {
        path = path.Replace('\\', '/');
        var colon = path.IndexOf(':', StringComparison.Ordinal);
        var slash = path.IndexOf('/', StringComparison.Ordinal);
        var drive = colon > 0 && (slash < 0 || colon < slash) ? path[..colon] : "";
        var parts = path[(drive.Length == 0 ? 0 : colon + 1)..].Split('/', StringSplitOptions.RemoveEmptyEntries);
        return parts.Length == 0 ? new DrivePath(drive, null, "/") : new DrivePath(drive, parts[0], "/" + string.Join('/', parts[1..]));
    }

    /// <summary>The root of a drive.</summary>
    internal static string Root(string drive) => $"{drive}:/";

    /// <summary>Whether this is the list of contexts.</summary>
    internal bool IsRoot => Context is null;

    /// <summary>Whether this is a whole context.</summary>
    internal bool IsContext => Context is not null && Path == "/";

    /// <summary>How many containers it lies in.</summary>
    internal int Depth => IsRoot ? 0 : IsContext ? 1 : 1 + Path.Count(c => c == '/');

    /// <summary>The same as a provider path.</summary>
    public override string ToString() =>
        (Drive.Length == 0 ? "" : Drive + ":") + (Context is null ? "/" : IsContext ? $"/{Context}" : $"/{Context}{Path}");
}
