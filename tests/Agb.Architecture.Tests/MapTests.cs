namespace Agb.Architecture.Tests;

/// <summary>The map in docs/architecture.md is the tree's.</summary>
public sealed class MapTests
{
    private const string Begin = "<!-- projects -->\n";
    private const string End = "<!-- /projects -->";

    private static readonly string s_page = Path.GetFullPath(Path.Combine(Sources.Root, "../docs/architecture.md"));

    /// <summary>With <c>AGB_DRAW=1</c> in the environment the test draws the graph anew.</summary>
    [Fact]
    public async Task The_graph_of_projects_is_drawn_from_their_references()
    {
        var page = await File.ReadAllTextAsync(s_page, TestContext.Current.CancellationToken);
        var start = page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        var end = page.IndexOf(End, StringComparison.Ordinal);
        var graph = Draw();
        if (Environment.GetEnvironmentVariable("AGB_DRAW") == "1")
        {
            await File.WriteAllTextAsync(s_page, page[..start] + graph + page[end..], TestContext.Current.CancellationToken);
            return;
        }

        page[start..end].ShouldBe(graph);
    }

    [Fact]
    public async Task Every_folder_is_on_the_map()
    {
        var page = await File.ReadAllTextAsync(s_page, TestContext.Current.CancellationToken);
        var folders = Directory.EnumerateDirectories(Sources.Root, "*", SearchOption.AllDirectories)
            .Where(d => Directory.EnumerateFiles(d, "*.cs").Any())
            .Select(d => Path.GetRelativePath(Sources.Root, d).Split(Path.DirectorySeparatorChar))
            .Where(d => d.Length > 1 && !d.Contains("obj") && !d.Contains("bin"))
            .Select(d => d[^1]);

        folders.Distinct().Where(f => !page.Contains($"`{f}`", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    private static string Draw()
    {
        var lines = Sources.ProjectReferences()
            .SelectMany(p => p.Value.Length == 0 && !Sources.ProjectReferences().Values.Any(v => v.Contains(p.Key)) ? [Short(p.Key)] : p.Value.Select(r => $"{Short(p.Key)} --> {Short(r)}"))
            .Order(StringComparer.Ordinal);
        return "```mermaid\ngraph TD\n" + string.Concat(lines.Select(l => l + "\n")) + "```\n";
    }

    private static string Short(string project) => project["Agb.".Length..];
}
