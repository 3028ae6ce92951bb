namespace Agb.Linux;

/// <summary>Paths of this host.</summary>
internal static class HostPaths
{
    /// <summary>Resolves every symlink in a directory's path; missing parts stay as they are.</summary>
    internal static string ResolveLinks(string path)
    {
        var resolved = "/";
        foreach (var part in Path.GetFullPath(path).Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            var next = Path.Combine(resolved, part);
            resolved = Directory.ResolveLinkTarget(next, returnFinalTarget: true) is { } target ? ResolveLinks(target.FullName) : next;
        }
        return resolved;
    }
}
