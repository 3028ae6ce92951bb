namespace Agb.PowerShell;

/// <summary>A path of the provider: the root, a context, or a file or directory in one. Its form is
/// <c>SERVICE:/CONTEXT/path</c>. SERVICE is the name of a drive or the mark of a service (<see cref="ServiceMark"/>); without it
/// (<c>/CONTEXT/path</c>) the environment decides. CONTEXT is a name or an id. The path includes its drive, unlike file system
/// paths: PowerShell resolves some paths twice, and cmdlets pass them on without their drive.</summary>
/// <param name="Drive">The drive's name or the service's mark; empty where the path has none.</param>
/// <param name="Context">The name or id of the context; null for the root with all contexts.</param>
/// <param name="Path">The absolute path in the context. A backslash in it may be part of a name.</param>
internal readonly record struct DrivePath(string Drive, string? Context, string Path)
{
    /// <summary>The provider's name, for New-PSDrive.</summary>
    public const string ProviderName = "AgbContext";

    // Without the name of the module: PowerShell names the module after its manifest or, without one, after the assembly.
    private const string Provider = ProviderName + "::";

    private static readonly char[] s_separators = ['/', '\\'];

    /// <summary>The path with separators in place of its backslashes.</summary>
    internal DrivePath Slashed => Parse(ToString().Replace('\\', '/'));

    /// <summary>Whether this is the list of contexts.</summary>
    internal bool IsRoot => Context is null;

    /// <summary>Whether this is a whole context.</summary>
    internal bool IsContext => Context is not null && Path == "/";

    /// <summary>The number of containers above it.</summary>
    internal int Depth => IsRoot ? 0 : IsContext ? 1 : 1 + Path.Count(c => c == '/');

    /// <summary>The last part: the context, or the name of the file; empty for the root.</summary>
    internal string Name => IsContext ? Context! : Path[(Path.LastIndexOf('/') + 1)..];

    /// <summary>Parses a provider path. If its first separator is a backslash, all backslashes are separators.</summary>
    internal static DrivePath Parse(string path)
    {
        var end = path.IndexOfAny([':', .. s_separators]);
        var drive = end > 0 && path[end] == ':' ? path[..end] : "";
        var rest = path[(drive.Length == 0 ? 0 : end + 1)..];
        if (rest.TrimStart(s_separators) is var trimmed && trimmed.IndexOfAny(s_separators) is var first && first < 0)
        {
            return trimmed.Length == 0 ? new DrivePath(drive, null, "/") : new DrivePath(drive, trimmed, "/");
        }
        var inContext = trimmed[first] == '\\' ? trimmed[first..].Replace('\\', '/') : trimmed[first..];
        return new DrivePath(drive, trimmed[..first], "/" + string.Join('/', inContext.Split('/', StringSplitOptions.RemoveEmptyEntries)));
    }

    /// <summary>The path of a context on the same drive. A name with a slash would be two names in a path, and a name with a
    /// colon a drive; an id has neither.</summary>
    internal DrivePath OfContext(AgbContext context) =>
        new(Drive, context.Name.IndexOfAny(['/', '\\', ':']) >= 0 || context.Name is "." or ".." ? context.Id : context.Name, "/");

    /// <summary>The root of a drive.</summary>
    internal static string Root(string drive) => $"{drive}:/";

    /// <summary>The PSPath of a context's file, for objects from other cmdlets than the drive's. It includes their service, so
    /// that Remove-Item, Get-Content and the like act there from any location.</summary>
    internal static string PSPathOf(IAgbService service, string contextId, string path) =>
        Provider + new DrivePath(ServiceMark.Of(service), contextId, path);

    /// <summary>The path as a provider path.</summary>
    public override string ToString() =>
        (Drive.Length == 0 ? "" : Drive + ":") + (Context is null ? "/" : IsContext ? $"/{Context}" : $"/{Context}{Path}");
}
