namespace Agb.Architecture.Tests;

/// <summary>Layers that stay apart: projects by their references, folders by the symbols that they use.</summary>
public sealed class FolderTests(Sources sources)
{
    // The layers of docs/architecture.md, from below.
    private static readonly Dictionary<string, string[]> s_allowed = new()
    {
        ["Agb.Core"] = [],
        ["Agb.Linux"] = [],
        ["Agb.Browser"] = ["Agb.Core"],
        ["Agb.Store"] = ["Agb.Core", "Agb.Linux"],
        ["Agb.Sandbox"] = ["Agb.Core", "Agb.Linux"],
        ["Agb.Engine"] = ["Agb.Core", "Agb.Linux", "Agb.Sandbox", "Agb.Store"],
        ["Agb.Protocol"] = ["Agb.Core"],
        ["Agb.Cloud"] = ["Agb.Core", "Agb.Protocol"],
        ["Agb.Server"] = ["Agb.Browser", "Agb.Core", "Agb.Engine", "Agb.Linux", "Agb.Protocol"],
        ["Agb.PowerShell"] = ["Agb.Browser", "Agb.Cloud", "Agb.Core", "Agb.Engine"],
        ["Agb.PowerShell.Help"] = [],
    };

    [Fact]
    public void Projects_refer_to_the_layers_below_them_alone()
    {
        var references = Sources.ProjectReferences();

        references.Keys.ShouldBe(s_allowed.Keys, ignoreOrder: true);
        foreach (var (project, names) in references)
        {
            names.Except(s_allowed[project]).ShouldBeEmpty(project);
        }
    }

    [Fact]
    public void Code_uses_no_project_that_its_own_does_not_refer_to()
    {
        var foreign = sources.Uses.Where(u => Project(u.From) != Project(u.To) && !s_allowed[Project(u.From)].Contains(Project(u.To)));

        foreign.Select(u => $"{u.File}:{u.Line} {u.Symbol}").ShouldBeEmpty();
    }

    [Fact]
    public void Folders_of_a_project_form_no_circle()
    {
        var inside = sources.Uses.Where(u => Project(u.From) == Project(u.To)).ToArray();
        inside.Length.ShouldBeGreaterThan(1000, "the sources were compiled");
        var graph = new Graph(inside.Select(u => (u.From, u.To)));

        var circles = graph.Circles().Select(folders => string.Join(
            "\n", inside.Where(u => folders.Contains(u.From) && folders.Contains(u.To)).Select(u => $"{u.From} -> {u.To}: {u.File}:{u.Line} {u.Symbol}")));

        circles.ShouldBeEmpty();
    }

    [Fact]
    public void A_circle_is_found()
    {
        var graph = new Graph([("a", "b"), ("b", "c"), ("c", "a"), ("c", "d"), ("d", "e"), ("e", "d"), ("f", "a")]);

        graph.Circles().Select(c => string.Concat(c)).Order().ShouldBe(["abc", "de"]);
    }

    [Fact]
    public void A_file_is_in_the_namespace_of_its_project()
    {
        var wrong = sources.Files
            .Where(f => Sources.NamespaceOf(f) is { } name && name != Expected(Sources.FolderOf(f)))
            .Select(f => f.FilePath);

        wrong.ShouldBeEmpty();

        // The contract has the shortest name. PowerShell's error ids name the namespace of a cmdlet.
        static string Expected(string folder) => Project(folder) switch
        {
            "Agb.Core" => "Agb",
            var project when folder.StartsWith("Agb.PowerShell/Commands", StringComparison.Ordinal) => project + ".Commands",
            var project => project,
        };
    }

    private static string Project(string folder) => folder.Split(Path.DirectorySeparatorChar)[0];
}
