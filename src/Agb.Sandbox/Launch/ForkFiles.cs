namespace Agb.Sandbox;

/// <summary>Files of a forked session: overlays over the fork layers, with names relative to the session's directory for mount
/// options.</summary>
internal static class ForkFiles
{
    /// <summary>Makes the overlays of the private directories with fork layers.</summary>
    /// <returns>The overlays to mount.</returns>
    public static IEnumerable<SessionOverlay> MakeScratch(SandboxSpec spec)
    {
        foreach (var part in SessionLayout.ScratchParts.Where(spec.Forks.ContainsKey))
        {
            var name = SessionLayout.ForkedScratch(part);
            var path = Path.Combine(spec.SessionDirectory, name);
            SessionFiles.MakeDirectory(path, SessionFiles.Private);
            SessionFiles.MakeDirectory(Path.Combine(path, "upper"), SessionLayout.IsTemporary(part) ? SessionFiles.Temporary : SessionFiles.Shared);
            SessionFiles.MakeDirectory(Path.Combine(path, "work"), SessionFiles.Private);
            SessionFiles.MakeDirectory(Path.Combine(path, "merged"), SessionFiles.Private);
            yield return new(name, OverlayOptions.Build(name, OverlayMarks.User, links: false, Link(spec, part, name)));
        }
    }

    /// <summary>Makes a name for each fork layer of a part.</summary>
    /// <returns>The names, topmost first.</returns>
    public static IEnumerable<string> Link(SandboxSpec spec, string part, string name) => spec.Forks.TryGetValue(part, out var layers)
        ? layers.Select((layer, i) => SessionFiles.Link(spec.SessionDirectory, $"{name}/f{i}", layer)).ToArray()
        : [];

    /// <summary>Whether the copied session had its own version of a generated file of /etc.</summary>
    public static bool HasEtc(SandboxSpec spec, string name) =>
        spec.Forks.TryGetValue("etc", out var layers) && layers.Any(l => Path.Exists(Path.Combine(l, name)));

    /// <summary>The directory to show as a private directory of a session, below the session's directory.</summary>
    public static string Shown(SandboxSpec spec, string part) => spec.UseOverlay && spec.Forks.ContainsKey(part)
        ? SessionLayout.ForkedScratch(part) + "/merged"
        : $"{SessionLayout.Scratch}/{part}";
}
